/**
 * How long `bitwright --help` takes, against a Node that does nothing: medians of alternating runs. Needs `npm run build`.
 *
 *     node scripts/benchmark-startup.mjs [--update] [RUNS]
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { markdownTable, writeSection } from './doc-section.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const given = process.argv.slice(2).find((argument) => /^\d+$/.test(argument));
const runs = Number(given ?? 31);
const calls = {
  'node -e 0': ['-e', '0'],
  'bitwright --help': [join(root, 'dist/cli/main.js'), '--help'],
  'bitwright quantize --help': [join(root, 'dist/cli/main.js'), 'quantize', '--help'],
};

/** Wall milliseconds of one call. */
function measure(argv) {
  const started = performance.now();
  const { status } = spawnSync(process.execPath, argv);
  if (status !== 0) throw new Error(`${argv.join(' ')} ended with ${status}`);
  return performance.now() - started;
}

const median = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];
const times = Object.keys(calls).map(() => []);
for (let run = 0; run < runs; run++) {
  for (const [index, argv] of Object.values(calls).entries()) times[index].push(measure(argv));
}
const bare = median(times[0]);
const rows = Object.keys(calls).map((name, index) => {
  const time = median(times[index]);
  return [`\`${name}\``, time.toFixed(0), (time - bare).toFixed(0), (time / bare).toFixed(2)];
});
const text = [
  `Medians of ${runs} alternating runs (\`node scripts/benchmark-startup.mjs --update\`).`,
  '',
  markdownTable(['call', 'ms', 'ms more than Node', 'times Node'], rows),
].join('\n');
console.log(text);
if (process.argv.includes('--update')) writeSection(join(root, 'docs/benchmarks-search.md'), 'startup', text);
