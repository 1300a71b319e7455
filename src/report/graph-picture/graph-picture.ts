/** The graph of a model as an SVG picture: one box per node of the file, coloured by what becomes of it or by what it costs. */
import { BitwrightError } from '../../base/errors.ts';
import { formatBytes, formatCount } from '../format.ts';
import { html, type Markup } from '../html/markup.ts';
import type { Inspection } from '../inspection.ts';
import { plainText, shortened } from '../plain-text.ts';
import { type BoxText, boxText, lineLength } from './box-text.ts';
import { type FoldedLayout, foldIntoColumns, type Line, markRadius } from './columns.ts';
import { type Drawn, drawnGraph } from './drawn-graph.ts';
import { layeredLayout, type PlacedBox, type Point, type Size } from './layered-layout.ts';
import { type Colouring, type Palette, paletteOf } from './palette.ts';

/** The layout takes seconds for more, and nobody could read the picture. */
export const drawnNodesMax = 1000;

const characterWidth = 6.7;
const boxWidth = Math.ceil(lineLength * characterWidth) + 16;
const titleCharacterWidth = 9.8;
const lineHeight = 14;
const margin = 24;
const headerHeight = 92;
const widthMin = 640;

/** The SVG document. The same inspection gives the same bytes. Throws MODEL_UNSUPPORTED above `drawnNodesMax` boxes. */
export async function graphPicture(inspection: Inspection, colouring: Colouring): Promise<string> {
  const graph = drawnGraph(inspection);
  if (graph.boxes.length > drawnNodesMax) {
    throw new BitwrightError('MODEL_UNSUPPORTED', {
      message: 'the graph is too large for a picture',
      seen: `${graph.boxes.length} boxes`,
      allowed: drawnNodesMax,
      next: 'Leave out --svg; the table and --json have every node.',
    });
  }
  const texts = graph.boxes.map(boxText);
  const layout = foldIntoColumns(await layeredLayout(graph, texts.map(sizeOf)));
  const palette = paletteOf(inspection, colouring);
  const width = Math.ceil(Math.max(layout.width, widthMin) + 2 * margin);
  const height = Math.ceil(layout.height + headerHeight + 2 * margin);
  const left = (width - layout.width) / 2;
  const picture = html`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${`Graph of ${plainText(inspection.model.name)}, coloured by ${colouring}`}">
<style>${{ markup: style }}</style>
<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0 8 4 0 8z" fill="#6b7480"/></marker></defs>
<rect class="page" width="${width}" height="${height}"/>
${header(inspection, palette, colouring, graph.leftOut, width)}
<g transform="translate(${decimal(left)} ${headerHeight + margin})">
${layout.lines.map(lineMarkup)}
${marksMarkup(layout)}
${layout.boxes.map((box) => boxMarkup(box, graph.boxes[box.box]!, texts[box.box]!, palette))}
</g>
</svg>
`;
  return picture.markup;
}

const style = `.page{fill:#fff}
text{font:12px "DejaVu Sans Mono",Menlo,Consolas,"Liberation Mono",monospace;font-size:11px;fill:#1d2530}
.title{font-size:16px;font-weight:bold}.heading{font-size:11px;font-weight:bold}.reason{fill:#a61e1e}
.box{stroke:#8893a0}.rejected{stroke:#c92a2a;stroke-width:2.5}.blocked{stroke-dasharray:5 3}.rewritten{stroke-dasharray:2 2}
.port{fill:#dbe7ff;stroke:#5b7bb5}.line{fill:none;stroke:#6b7480;stroke-width:1.2}.mark{fill:#fff;stroke:#6b7480}`;

const decimal = (value: number): string => String(Number(value.toFixed(1)));

const sizeOf = ({ lines }: BoxText): Size => ({ width: boxWidth, height: (lines.length + 1) * lineHeight + 12 });

function header(
  inspection: Inspection,
  { legend }: Palette,
  colouring: Colouring,
  leftOut: number,
  width: number,
): Markup {
  const { model, nodes, macs, parameters, target, memory } = inspection;
  const facts = [
    `${formatCount(nodes.length)} nodes`,
    `${formatCount(macs)} MACs`,
    `${formatCount(parameters)} parameters`,
    ...(target === null ? [] : [`target ${target.id}`]),
    ...(memory.length === 0 ? [] : [`arena ${formatBytes(memory[0]!.arenaBytes)}`]),
  ];
  const makers =
    leftOut === 1 ? '1 node that makes a constant is' : `${formatCount(leftOut)} nodes that make constants are`;
  const hidden = leftOut === 0 ? '' : ` (${makers} not drawn)`;
  const labels = legend.map(({ label }) => label.length * characterWidth + 34);
  const swatches = legend.map(({ fill, label }, index) => {
    const x = margin + labels.slice(0, index).reduce((sum, part) => sum + part, 0);
    return html`<rect class="box" x="${decimal(x)}" y="82" width="14" height="14" rx="3" fill="${fill}"/><text x="${decimal(x + 20)}" y="93">${label}</text>`;
  });
  return html`<text class="title" x="${margin}" y="34">${shortened(plainText(model.name), (width - 2 * margin) / titleCharacterWidth)}</text>
<text x="${margin}" y="54">${facts.join(', ')}</text>
<text x="${margin}" y="72">${`Coloured by ${colouring}${hidden}:`}</text>
${swatches}`;
}

function boxMarkup({ x, y, width, height }: PlacedBox, drawn: Drawn, text: BoxText, palette: Palette): Markup {
  const [left, top] = [x - width / 2, y - height / 2];
  const frame = `x="${decimal(left)}" y="${decimal(top)}" width="${width}" height="${height}"`;
  const shape =
    'node' in drawn
      ? `<rect class="box ${drawn.node.state}" ${frame} rx="5" fill="${palette.fillOf(drawn.node)}"/>`
      : `<rect class="port" ${frame} rx="${decimal(height / 2)}"/>`;
  const rejected = 'node' in drawn && drawn.node.reasons.length > 0;
  const middle = decimal(x);
  const lineAt = (index: number): string => decimal(top + 16 + index * lineHeight);
  const lines = text.lines.map((line, index) => {
    const kind = { markup: rejected && index === text.lines.length - 1 ? ' class="reason"' : '' };
    return html`<text${kind} x="${middle}" y="${lineAt(index + 1)}" text-anchor="middle">${line}</text>`;
  });
  return html`<g><title>${text.title}</title>${{ markup: shape }}<text class="heading" x="${middle}" y="${lineAt(0)}" text-anchor="middle">${text.heading}</text>${lines}</g>
`;
}

/** Straight from the first point to the last with the corners rounded off. */
function lineMarkup({ points, arrives }: Line): Markup {
  const at = ({ x, y }: Point): string => `${decimal(x)} ${decimal(y)}`;
  const half = (a: Point, b: Point): Point => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });
  const corners = points.slice(1, -1).map((point, index) => `Q${at(point)} ${at(half(point, points[index + 2]!))}`);
  const path = `M${at(points[0]!)} L${at(half(points[0]!, points[1]!))} ${corners.join(' ')} L${at(points.at(-1)!)}`;
  const marker = { markup: arrives ? ' marker-end="url(#arrow)"' : '' };
  return html`<path class="line" d="${path}"${marker}/>
`;
}

function marksMarkup({ marks }: FoldedLayout): Markup[] {
  return marks.flatMap(({ label, leaves, enters }) =>
    [leaves, enters].map(
      ({
        x,
        y,
      }) => html`<circle class="mark" cx="${decimal(x)}" cy="${decimal(y)}" r="${markRadius}"/><text x="${decimal(x)}" y="${decimal(y + 4)}" text-anchor="middle">${label}</text>
`,
    ),
  );
}
