/** The confusion matrix as a heat table: rows are labels, columns what the device answered. */
import type { Confusion } from '../report-data.ts';
import { html, type Markup } from './markup.ts';

/** More classes than this make no readable table. */
const classesMax = 40;

export function confusionTable({ matrix }: Confusion): Markup | null {
  if (matrix.length > classesMax) return null;
  const head = matrix.map((_, prediction) => html`<th>${prediction}</th>`);
  const rows = matrix.map((row, label) => {
    const total = row.reduce((sum, count) => sum + count, 0);
    return html`<tr><th>${label}</th>${row.map((count, prediction) => cell(count, total, label === prediction))}</tr>`;
  });
  return html`<div class="scroll"><table class="confusion"><thead><tr><th></th>${head}</tr></thead><tbody>${rows}</tbody></table></div>
<p class="note">Rows are labels, columns are the device's answers, entries are samples.</p>`;
}

function cell(count: number, total: number, right: boolean): Markup {
  if (count === 0) return html`<td></td>`;
  const strength = Math.round(20 + (60 * count) / total);
  const colour = right ? 'var(--good)' : 'var(--bad)';
  return html`<td style="background:color-mix(in srgb, ${colour} ${strength}%, transparent)">${count}</td>`;
}
