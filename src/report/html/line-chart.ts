/** A line chart as SVG: evaluation on the horizontal axis, a positive quantity on a logarithmic vertical one. */
import { formatReal } from '../format.ts';
import { html, type Markup } from './markup.ts';

export interface Series {
  readonly name: string;
  /** All positive values are drawn; others are left out. */
  readonly values: readonly number[];
}

const width = 1000;
const height = 260;
const left = 66;
const bottom = 34;
const top = 10;
const right = 12;

/**
 * Every value as a dot and the best value so far as a line; `phases` mark where a phase of the search begins.
 * Null where fewer than two values can be drawn.
 */
export function lossChart(
  series: Series,
  phases: readonly { readonly at: number; readonly name: string }[] = [],
): Markup | null {
  const points = series.values
    .map((value, index) => ({ index, value }))
    .filter(({ value }) => Number.isFinite(value) && value > 0);
  if (points.length < 2) return null;
  const logs = points.map(({ value }) => Math.log10(value));
  const low = logs.reduce((least, value) => Math.min(least, value), logs[0]!);
  const high = logs.reduce((most, value) => Math.max(most, value), logs[0]!);
  const span = Math.max(high - low, 1e-3);
  const x = (index: number): number => left + ((width - left - right) * index) / Math.max(1, series.values.length - 1);
  const y = (value: number): number => top + ((height - top - bottom) * (high - Math.log10(value))) / span;
  let best = Number.POSITIVE_INFINITY;
  const steps = points.map(({ index, value }, order) => {
    best = Math.min(best, value);
    return `${order === 0 ? 'M' : 'H'}${x(index).toFixed(1)}${order === 0 ? ' ' : 'V'}${y(best).toFixed(1)}`;
  });
  const ticks = [0, 0.25, 0.5, 0.75, 1].map((part) => 10 ** (high - part * span));
  return html`<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${series.name} by evaluation">
${ticks.map((tick) => html`<line class="axis" x1="${left}" x2="${width - right}" y1="${y(tick).toFixed(1)}" y2="${y(tick).toFixed(1)}"/><text x="${left - 8}" y="${(y(tick) + 4).toFixed(1)}" text-anchor="end">${formatReal(Number(tick.toPrecision(3)))}</text>`)}
${phases.map(({ at, name }, order) => html`<line class="axis" x1="${x(at).toFixed(1)}" x2="${x(at).toFixed(1)}" y1="${top}" y2="${height - bottom}"/><text x="${(x(at) + 4).toFixed(1)}" y="${top + 10 + 13 * (order % 3)}">${name}</text>`)}
<g class="dots">${points.map(({ index, value }) => html`<circle cx="${x(index).toFixed(1)}" cy="${y(value).toFixed(1)}" r="2"/>`)}</g>
<path class="curve" d="${steps.join('')}"/>
<text x="${left}" y="${height - 10}">evaluation 1</text><text x="${width - right}" y="${height - 10}" text-anchor="end">${series.values.length}</text>
</svg>`;
}
