/** One row per operation of the program: what it computes, what it costs, and its share as a bar. */

import { formatCount, formatShape } from '../format.ts';
import type { ReportData } from '../report-data.ts';
import { html, type Markup, tableMarkup } from './markup.ts';

export function layerTable({ manifest, program, layerCosts, tables }: ReportData): Markup {
  const bitsOf = new Map(tables.weights.map((row) => [row.name, row.bits]));
  const costs = layerCosts?.costs ?? [];
  const measured = costs.some((cost) => cost !== null);
  const weightOf = (index: number): number => (measured ? (costs[index] ?? 0) : manifest.operations[index]!.macs);
  const total = manifest.operations.reduce((sum, _, index) => sum + weightOf(index), 0);
  const largest = manifest.operations.reduce((most, _, index) => Math.max(most, weightOf(index)), 0);
  const costTitle = layerCosts?.unit ?? '';
  const rows = manifest.operations.map(({ name, kernel, macs }, index) => {
    const tensor = program.tensors[program.operations[index]!.output]!;
    const share = total === 0 ? 0 : weightOf(index) / total;
    const bits = bitsOf.get(name);
    const cells: (string | Markup)[] = [
      name,
      kernel,
      formatShape(tensor.shape),
      bits === undefined ? '' : `${bits}`,
      macs === 0 ? '' : formatCount(macs),
    ];
    if (measured) {
      const cost = costs[index] ?? null;
      cells.push(cost === null ? '' : formatCount(cost), cost === null || macs === 0 ? '' : (cost / macs).toFixed(2));
    }
    const length = largest === 0 ? 0 : (100 * weightOf(index)) / largest;
    cells.push(html`<span class="bar" style="width:${length.toFixed(1)}%"></span>`, `${(100 * share).toFixed(1)} %`);
    return cells;
  });
  const titles = ['Layer', 'Kernel', 'Output', 'Weight bits', 'MACs'];
  const numeric = ['Weight bits', 'MACs', costTitle, 'per MAC', 'Share'];
  const measuredTitles = measured ? [costTitle, 'per MAC'] : [];
  return tableMarkup(
    [...titles, ...measuredTitles, `Share of ${measured ? costTitle : 'MACs'}`, 'Share'],
    rows,
    numeric,
  );
}
