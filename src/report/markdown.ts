/** The verdict as Markdown, short enough for the summary page of a CI run. */
import type { Verdict } from '../validate/verdict.ts';
import { divergenceSentence, verdictFacts } from './verdict-facts.ts';

export function verdictMarkdown(verdict: Verdict, title: string): string {
  const divergence = divergenceSentence(verdict);
  const lines = [
    `# ${verdict.outcome === 'pass' ? 'PASS' : 'FAIL'}: ${escapeMarkdown(title)}`,
    '',
    ...markdownTable(['', ''], verdictFacts(verdict)),
    '',
    ...markdownTable(
      ['Gate', 'Outcome', 'Detail'],
      verdict.gates.map(({ gate, outcome, message }) => [gate, outcome, message]),
    ),
    '',
  ];
  if (divergence !== null) lines.push(escapeMarkdown(divergence), '');
  return lines.join('\n');
}

export function markdownTable(titles: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.map(escapeMarkdown).join(' | ')} |`;
  return [line(titles), `|${titles.map(() => '---').join('|')}|`, ...rows.map(line)];
}

/** Node names come from the model file: no markup of theirs may take effect. */
export function escapeMarkdown(text: string): string {
  return text
    .replace(/[&<>]/g, (sign) => `&#${sign.charCodeAt(0)};`)
    .replace(/[\\`*_[\]|]/g, (sign) => `\\${sign}`)
    .replace(/[\r\n]+/g, ' ');
}
