/** Loss surfaces side by side as one SVG: colour and contour lines say how many times the panel's least loss a point has. */

const cell = 20;
const gap = 56;
const top = 44;
const left = 56;
/** Losses this many times the least one and more look alike. */
const ratioMax = 32;
const contours = [1.1, 1.5, 2, 4, 8, 16];
/** Dark to light, readable without colour vision (after viridis). */
const ramp = [
  [68, 1, 84],
  [65, 68, 135],
  [42, 120, 142],
  [34, 168, 132],
  [122, 209, 81],
  [253, 231, 37],
];

/** `surfaces` as measureSurface returns them. */
export function surfaceDrawing(surfaces) {
  const points = surfaces[0].offsets.length;
  const side = points * cell;
  const width = left + surfaces.length * (side + gap);
  const height = top + side + 92;
  const panels = surfaces.map((surface, index) => panel(surface, left + index * (side + gap), side));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="13">
<title>Loss over the steps of two adjacent layers</title>
<rect width="${width}" height="${height}" fill="#fff"/>
${panels.join('\n')}
${legend(left, top + side + 58)}
</svg>
`;
}

function panel({ bits, offsets, losses }, x, side) {
  const least = Math.min(...losses.flat());
  const ratios = losses.map((row) => row.map((loss) => loss / least));
  const cells = ratios.flatMap((row, along) =>
    row.map((ratio, across) => {
      const [px, py] = [across * cell, side - (along + 1) * cell];
      return `<rect x="${px}" y="${py}" width="${cell}" height="${cell}" fill="${colourOf(ratio)}"/>`;
    }),
  );
  const lines = contours.map((level) => contour(ratios, level, side));
  const [row, column] = positionOf(losses, least);
  const marker = `<circle cx="${(column + 0.5) * cell}" cy="${side - (row + 0.5) * cell}" r="4" fill="#fff" stroke="#000"/>`;
  const ticks = [0, (offsets.length - 1) / 2, offsets.length - 1].map((index) => {
    const at = (index + 0.5) * cell;
    const text = Math.exp(offsets[index]).toFixed(1);
    return `<text x="${at}" y="${side + 16}" text-anchor="middle">${text}</text><text x="-8" y="${side - at + 4}" text-anchor="end">${text}</text>`;
  });
  return `<g transform="translate(${x},${top})">
<text x="${side / 2}" y="-14" text-anchor="middle" font-size="15">${bits} bits, least loss ${least.toPrecision(2)}</text>
<g shape-rendering="crispEdges">${cells.join('')}</g>
${lines.join('\n')}
${marker}${ticks.join('')}
<text x="${side / 2}" y="${side + 34}" text-anchor="middle">step of the first layer</text>
<text transform="translate(-34,${side / 2}) rotate(-90)" text-anchor="middle">step of the second layer</text>
</g>`;
}

function colourOf(ratio) {
  const place = (Math.min(1, Math.log(ratio) / Math.log(ratioMax)) || 0) * (ramp.length - 1);
  const at = Math.min(ramp.length - 2, Math.floor(place));
  const mixed = ramp[at].map((value, index) => Math.round(value + (place - at) * (ramp[at + 1][index] - value)));
  return `#${mixed.map((value) => value.toString(16).padStart(2, '0')).join('')}`;
}

/** The line of one level by marching squares over the cells' centres. */
function contour(ratios, level, side) {
  const segments = [];
  for (let row = 0; row + 1 < ratios.length; row++) {
    for (let column = 0; column + 1 < ratios.length; column++) {
      const corners = [
        [column, row],
        [column + 1, row],
        [column + 1, row + 1],
        [column, row + 1],
      ];
      const crossings = corners.flatMap((from, index) => crossing(ratios, level, from, corners[(index + 1) % 4]));
      for (let index = 0; index + 1 < crossings.length; index += 2)
        segments.push([crossings[index], crossings[index + 1]]);
    }
  }
  const place = ([x, y]) => `${((x + 0.5) * cell).toFixed(1)} ${(side - (y + 0.5) * cell).toFixed(1)}`;
  const path = segments.map(([from, to]) => `M${place(from)}L${place(to)}`).join('');
  return `<path d="${path}" fill="none" stroke="#fff" stroke-width="1" stroke-opacity="0.8"/>`;
}

function crossing(ratios, level, [x1, y1], [x2, y2]) {
  const [before, after] = [Math.log(ratios[y1][x1]), Math.log(ratios[y2][x2])];
  const wanted = Math.log(level);
  if (before < wanted === after < wanted) return [];
  const share = (wanted - before) / (after - before);
  return [[x1 + share * (x2 - x1), y1 + share * (y2 - y1)]];
}

function positionOf(losses, wanted) {
  const row = losses.findIndex((values) => values.includes(wanted));
  return [row, losses[row].indexOf(wanted)];
}

function legend(x, y) {
  const steps = 60;
  const bars = Array.from({ length: steps }, (_, index) => {
    const colour = colourOf(ratioMax ** (index / (steps - 1)));
    return `<rect x="${index * 5}" width="5" height="12" fill="${colour}"/>`;
  });
  const marks = [1, 2, 4, 8, 16, ratioMax].map((ratio) => {
    const at = (Math.log(ratio) / Math.log(ratioMax)) * steps * 5;
    return `<text x="${at}" y="26" text-anchor="middle">${ratio}</text>`;
  });
  const note = `times the least loss (circle); lines at ${contours.join(', ')}`;
  return `<g transform="translate(${x},${y})">${bars.join('')}${marks.join('')}<text x="${steps * 5 + 24}" y="11">${note}</text></g>`;
}
