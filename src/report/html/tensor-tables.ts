/** The scale and zero tables of the package: one row per activation and per weight tensor. */
import type { Tables } from '../../package/tables.ts';
import { formatCount, formatReal, formatShape } from '../format.ts';
import { html, type Markup, tableMarkup } from './markup.ts';

export function tensorTables({ activations, weights }: Tables): Markup {
  const activationRows = activations.map((row) => [
    row.name,
    formatShape(row.shape),
    row.bits,
    formatReal(row.scale),
    row.zeroPoint,
    `${formatReal(row.scale * (row.qMin - row.zeroPoint))} .. ${formatReal(row.scale * (row.qMax - row.zeroPoint))}`,
    row.arenaOffsetBytes,
  ]);
  const weightRows = weights.map((row) => [
    row.name,
    row.kernel,
    formatCount(row.elements),
    row.bits,
    row.axis === null ? 'tensor' : `channel (${row.scales.length})`,
    range(row.scales),
    range(row.effectiveScale),
  ]);
  return html`<details open><summary>${activations.length} activations</summary>${tableMarkup(
    ['Tensor', 'Shape', 'Bits', 'Scale', 'Zero point', 'Real range', 'Arena offset'],
    activationRows,
    ['Bits', 'Scale', 'Zero point', 'Real range', 'Arena offset'],
  )}</details>
<details open><summary>${weights.length} weight tensors</summary>${tableMarkup(
    ['Layer', 'Kernel', 'Elements', 'Bits', 'Scale per', 'Scale', 'Effective scale'],
    weightRows,
    ['Elements', 'Bits', 'Scale', 'Effective scale'],
  )}</details>
<p class="note">real = scale * (code - zero point). Every channel's scale, multiplier and shift is in tables.csv.</p>`;
}

/** One value, or the lowest and highest of many. */
function range(values: readonly number[]): string {
  if (values.length === 0) return '-';
  const least = values.reduce((low, value) => Math.min(low, value), values[0]!);
  const most = values.reduce((high, value) => Math.max(high, value), values[0]!);
  return least === most ? formatReal(least) : `${formatReal(least)} .. ${formatReal(most)}`;
}
