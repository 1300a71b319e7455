/**
 * Where the time of a whole `bitwright quantize` goes: a CPU profile of the main thread and of every simulation worker, samples grouped
 * by what they work for. Needs `npm run build`; compiles the kernels once more to learn their function names (a minute).
 *
 *     node scripts/profile-quantize.mjs [--update] MODEL.onnx DATASET.json [options of quantize]
 *
 * Default options: the target tflite-micro, W4A4, 512 samples. `--update` writes the table into docs/benchmarks-search.md. Samples are
 * taken by the clock, so another busy process shows up in every row alike.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { markdownTable, writeSection } from './doc-section.mjs';
import { categoryOf } from './profile-categories.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const given = process.argv.slice(2).filter((argument) => argument !== '--update');
const [modelPath, datasetPath, ...options] = given;
if (datasetPath === undefined) {
  console.error('usage: node scripts/profile-quantize.mjs [--update] MODEL.onnx DATASET.json [options of quantize]');
  process.exit(2);
}
const bits = options.length > 0 ? options : ['--weights', '4', '--activations', '4'];

/** Microseconds by category, of one thread. */
function spentOf(profile, kernels) {
  const nodes = new Map(profile.nodes.map((node) => [node.id, categoryOf(node.callFrame, kernels)]));
  const spent = new Map();
  profile.samples.forEach((id, index) => {
    const category = nodes.get(id);
    spent.set(category, (spent.get(category) ?? 0) + profile.timeDeltas[index]);
  });
  return spent;
}

function runProfiled(folder) {
  const functions = join(folder, 'functions.json');
  execFileSync(process.execPath, [join(root, 'scripts/build-wasm.mjs'), '--functions', functions]);
  const profiled = ['--cpu-prof', `--cpu-prof-dir=${join(folder, 'profiles')}`, join(root, 'dist/cli/main.js')];
  const files = [modelPath, '--data', datasetPath, '-o', join(folder, 'out')];
  const verb = ['quantize', ...files, '--target', 'tflite-micro', ...bits, '--json', '--quiet'];
  const document = JSON.parse(execFileSync(process.execPath, [...profiled, ...verb]).toString());
  const kernels = JSON.parse(readFileSync(functions, 'utf8')).base;
  // The name ends in thread number and sequence: thread 0 is the main one.
  const threads = readdirSync(join(folder, 'profiles')).map((name) => ({
    isMain: /\.0\.\d+\.cpuprofile$/.test(name),
    spent: spentOf(JSON.parse(readFileSync(join(folder, 'profiles', name), 'utf8')), kernels),
  }));
  return { document, threads };
}

const sumOf = (threads, category) => threads.reduce((sum, { spent }) => sum + (spent.get(category) ?? 0), 0);

function table({ threads }) {
  const [main, workers] = [true, false].map((isMain) => threads.filter((thread) => thread.isMain === isMain));
  const categories = [...new Set(threads.flatMap(({ spent }) => [...spent.keys()]))].filter((name) => name !== 'idle');
  const busy = categories.reduce((sum, category) => sum + sumOf(threads, category), 0);
  const seconds = (microseconds) => (microseconds / 1e6).toFixed(1);
  const rows = categories
    .map((category) => ({ category, all: sumOf(threads, category) }))
    .sort((a, b) => b.all - a.all)
    .map(({ category, all }) => [
      category,
      seconds(sumOf(main, category)),
      seconds(sumOf(workers, category)),
      `${((100 * all) / busy).toFixed(1)} %`,
    ]);
  const idle = [seconds(sumOf(main, 'idle')), seconds(sumOf(workers, 'idle'))];
  return markdownTable(['work', 'main thread, s', 'workers, s', 'share'], [...rows, ['idle', ...idle, '']]);
}

const folder = mkdtempSync(join(tmpdir(), 'bitwright-profile-'));
try {
  const result = runProfiled(folder);
  const { cost, evaluations, seconds } = result.document;
  const command = `node scripts/profile-quantize.mjs --update ${[modelPath, datasetPath, ...options].join(' ')}`;
  const text = [
    `\`${command}\`: ${basename(modelPath, '.onnx')}, ${evaluations.count} evaluations worth ${evaluations.fullEquivalents.toFixed(0)} over all`,
    `samples, ${seconds.toFixed(0)} s, the search ${cost.searchFloatPasses.toFixed(0)} float passes. The share is of all busy time; the float engine's own threads do not show.`,
    '',
    table(result),
  ].join('\n');
  console.log(text);
  if (process.argv.includes('--update')) writeSection(join(root, 'docs/benchmarks-search.md'), 'profile', text);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
