/** Names like one that was not found, for the error that says so. */

/** Names that share pairs of letters with `wanted`, nearest first; `*` in it counts for nothing. Equally near ones stay in their order. */
export function nearNames(wanted: string, names: Iterable<string>, count = 3): string[] {
  const pairs = pairsOf(wanted.replaceAll('*', ''));
  const scored = [...new Set(names)].map((name) => ({ name, score: likeness(pairs, pairsOf(name)) }));
  return scored
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
    .slice(0, count)
    .map(({ name }) => name);
}

/** How much of each lies in the other, 0 to 2: a name that contains what is wanted is near, however long it is. */
function likeness(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  const shared = [...a].filter((pair) => b.has(pair)).length;
  return shared === 0 ? 0 : shared / a.size + shared / b.size;
}

function pairsOf(text: string): Set<string> {
  const lower = text.toLowerCase();
  return new Set(Array.from({ length: Math.max(lower.length - 1, 0) }, (_, at) => lower.slice(at, at + 2)));
}
