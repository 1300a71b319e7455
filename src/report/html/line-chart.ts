/** A loss as SVG: steps of the search on the horizontal axis, the loss on a logarithmic vertical one. */
import { formatReal } from '../format.ts';
import { html, type Markup } from './markup.ts';

const width = 1000;
const height = 260;
const left = 66;
const bottom = 34;
const top = 10;
const right = 12;

/** Every value as a dot and the best value so far as a line. Null where fewer than two values can be drawn: positive and finite ones. */
export function lossChart(name: string, values: readonly number[]): Markup | null {
  const points = values
    .map((value, index) => ({ index, value }))
    .filter(({ value }) => Number.isFinite(value) && value > 0);
  if (points.length < 2) return null;
  const logs = points.map(({ value }) => Math.log10(value));
  const low = logs.reduce((least, value) => Math.min(least, value), logs[0]!);
  const high = logs.reduce((most, value) => Math.max(most, value), logs[0]!);
  const span = Math.max(high - low, 1e-3);
  const x = (index: number): number => left + ((width - left - right) * index) / Math.max(1, values.length - 1);
  const y = (value: number): number => top + ((height - top - bottom) * (high - Math.log10(value))) / span;
  let best = Number.POSITIVE_INFINITY;
  const steps = points.map(({ index, value }, order) => {
    best = Math.min(best, value);
    return `${order === 0 ? 'M' : 'H'}${x(index).toFixed(1)}${order === 0 ? ' ' : 'V'}${y(best).toFixed(1)}`;
  });
  const ticks = [0, 0.25, 0.5, 0.75, 1].map((part) => 10 ** (high - part * span));
  return html`<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${name} by step">
${ticks.map((tick) => html`<line class="axis" x1="${left}" x2="${width - right}" y1="${y(tick).toFixed(1)}" y2="${y(tick).toFixed(1)}"/><text x="${left - 8}" y="${(y(tick) + 4).toFixed(1)}" text-anchor="end">${formatReal(Number(tick.toPrecision(3)))}</text>`)}
<g class="dots">${points.map(({ index, value }) => html`<circle cx="${x(index).toFixed(1)}" cy="${y(value).toFixed(1)}" r="3"/>`)}</g>
<path class="curve" d="${steps.join('')}"/>
<text x="${left}" y="${height - 10}">step 1</text><text x="${width - right}" y="${height - 10}" text-anchor="end">${values.length}</text>
</svg>`;
}
