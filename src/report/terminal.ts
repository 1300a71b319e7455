/** The verdict as plain text for a terminal or a log. */
import type { Verdict } from '../validate/verdict.ts';
import { textFacts, textTable } from './text-table.ts';
import { divergenceSentence, verdictFacts } from './verdict-facts.ts';

export function verdictText(verdict: Verdict): string {
  const gates = textTable(
    [{ title: 'gate' }, { title: 'outcome' }, { title: 'detail' }],
    verdict.gates.map(({ gate, outcome, message }) => [gate, outcome, message]),
  );
  const divergence = divergenceSentence(verdict);
  const parts = [textFacts(verdictFacts(verdict)), gates];
  if (divergence !== null) parts.push(divergence);
  parts.push(verdict.outcome === 'pass' ? 'PASS' : 'FAIL');
  return parts.join('\n\n');
}
