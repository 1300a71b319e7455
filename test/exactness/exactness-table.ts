/** The exactness table of docs/numerics.md: rows are kernels and rules, columns are executions, cells say what was compared. */
import type { RuleId } from '../../src/arithmetic/rule.ts';

export interface ExactnessCell {
  readonly execution: string;
  readonly kernel: string;
  readonly rule: RuleId;
  readonly widths: readonly string[];
  readonly operations: number;
  readonly elements: number;
  readonly differing: number;
}

export function exactnessTable(cells: readonly ExactnessCell[], seed: number): string {
  const executions = [...new Set(cells.map(({ execution }) => execution))];
  const rows = [...new Set(cells.map(({ kernel, rule }) => `${kernel} ${rule}`))].map((key) => {
    const own = cells.filter(({ kernel, rule }) => `${kernel} ${rule}` === key);
    const { kernel, rule, widths } = own[0]!;
    const compared = executions.map((execution) => {
      const cell = own.find((candidate) => candidate.execution === execution);
      return cell === undefined ? 'not run' : `${cell.differing} of ${cell.elements}`;
    });
    return `| ${kernel} | ${rule} | ${widths.join(' ')} | ${own[0]!.operations} | ${compared.join(' | ')} |`;
  });
  const total = executions.map((execution) => {
    const own = cells.filter((cell) => cell.execution === execution);
    const sum = (field: 'differing' | 'elements'): number => own.reduce((count, cell) => count + cell[field], 0);
    return `**${sum('differing')} of ${sum('elements')}**`;
  });
  const operations = cells
    .filter(({ execution }) => execution === executions[0])
    .reduce((sum, cell) => sum + cell.operations, 0);
  return [
    `Differing elements against the TypeScript reference, of random adversarial operations (seed ${seed}); made by \`npm run update:exactness\`.`,
    '',
    `| kernel | rule | widths | operations | ${executions.join(' | ')} |`,
    `|---|---|---|---|${executions.map(() => '---|').join('')}`,
    ...rows,
    `| **all** | | | **${operations}** | ${total.join(' | ')} |`,
  ].join('\n');
}

/** Replaces what stands between `<!-- NAME:begin -->` and `<!-- NAME:end -->`. */
export function replaceBetween(page: string, name: string, content: string): string {
  const [begin, end] = [`<!-- ${name}:begin -->`, `<!-- ${name}:end -->`];
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  if (from < 0 || to < from) throw new Error(`the page has no place marked ${name}`);
  return `${page.slice(0, from + begin.length)}\n${content}\n${page.slice(to)}`;
}
