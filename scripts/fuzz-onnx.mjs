/**
 * Mutates real ONNX models and imports and rewrites each: `node scripts/fuzz-onnx.mjs [--mutations N] [--seed N] [--models DIR]...`. Needs
 * `npm run build`. Models that are quantized already go on to a program for ONNX Runtime. Every mutation must end in a graph or in an error that users can read; a crash, an internal error, or one that takes
 * longer than the limit fails the run and leaves its bytes in a temporary file. Prints counts, the slowest import and the peak of memory.
 */
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { createMutator } from './mutate-onnx.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const slowestAllowedMs = 10_000;
const silenceAllowedMs = 60_000;

const { values: options } = parseArgs({
  options: {
    mutations: { type: 'string', default: '100000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    models: { type: 'string', multiple: true, default: [join(root, 'models')] },
  },
});

async function load() {
  const from = (path) => import(pathToFileURL(join(root, 'dist', path)).href);
  const modules = await Promise.all(
    [
      ...['onnx/import-onnx.js', 'rewrites/rewrite.js', 'base/errors.js', 'base/random.js', 'onnx/model-proto.js'],
      ...['lower/given-plan.js', 'lower/lower.js', 'arithmetic/registry.js'],
    ].map(from),
  );
  return Object.assign({}, ...modules);
}

/** What is done to every mutation of a model: float models become a graph, quantized ones a program. */
function consumerOf(bytes, { importOnnx, importQuantizedOnnx, rewrite, givenPlan, lower, getProfile }) {
  const profile = getProfile('onnxruntime');
  const compile = (mutated, name) => {
    const { graph, notes } = importQuantizedOnnx(mutated, { name });
    const given = givenPlan(rewrite(graph), notes, profile);
    lower(given.graph, given.plan, profile);
  };
  try {
    importOnnx(bytes);
  } catch {
    return compile;
  }
  return (mutated, name) => rewrite(importOnnx(mutated, { name }));
}

/** Where the tensor data lies: views into the file. */
function dataRanges(bytes, decodeModel) {
  const { graph } = decodeModel(bytes, 'model');
  return graph.initializer.flatMap(({ rawData }) =>
    rawData === undefined || rawData.buffer !== bytes.buffer
      ? []
      : [[rawData.byteOffset - bytes.byteOffset, rawData.byteOffset - bytes.byteOffset + rawData.length]],
  );
}

async function work({ mutations, seed, models: folders }) {
  const library = await load();
  const { BitwrightError, decodeModel } = library;
  const paths = folders.flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)));
  const models = paths
    .filter((path) => path.endsWith('.onnx'))
    .map((path) => {
      const bytes = new Uint8Array(readFileSync(path));
      return { name: basename(path), bytes, data: dataRanges(bytes, decodeModel), use: consumerOf(bytes, library) };
    });
  const mutate = createMutator(models, library);
  const counts = {};
  let slowestMs = 0;
  for (let index = 0; index < mutations; index++) {
    const { model, bytes } = mutate(seed + index);
    const { name } = model;
    // Processor time, so that a busy machine is no failure.
    const start = process.cpuUsage();
    let outcome = 'imported';
    try {
      model.use(bytes, name);
    } catch (error) {
      outcome = error instanceof BitwrightError ? error.code : 'CRASH';
      if (outcome === 'CRASH' || outcome === 'INTERNAL')
        parentPort.postMessage({ failed: `seed ${seed + index} of ${name}: ${error.stack}`, bytes });
    }
    const { user, system } = process.cpuUsage(start);
    const ms = (user + system) / 1000;
    if (ms > slowestAllowedMs)
      parentPort.postMessage({ failed: `seed ${seed + index} of ${name} took ${Math.round(ms)} ms`, bytes });
    slowestMs = Math.max(slowestMs, ms);
    counts[outcome] = (counts[outcome] ?? 0) + 1;
    if (index % 1000 === 999) parentPort.postMessage({ done: index + 1 });
  }
  parentPort.postMessage({ counts, slowestMs });
}

function supervise() {
  const seed = Number(options.seed);
  const mutations = Number(options.mutations);
  console.log(`${mutations} mutations, seed ${seed}`);
  const worker = new Worker(fileURLToPath(import.meta.url), {
    workerData: { mutations, seed, models: options.models },
  });
  let failures = 0;
  const fail = (text) => {
    failures++;
    console.error(text);
    if (failures >= 20) process.exit(1);
  };
  let lastDone = 0;
  const watch = () =>
    setTimeout(() => {
      console.error(
        `no progress after ${lastDone} mutations: a hang between seeds ${seed + lastDone} and ${seed + lastDone + 1000}`,
      );
      process.exit(1);
    }, silenceAllowedMs * 5);
  let timer = watch();
  worker.on('message', (message) => {
    clearTimeout(timer);
    timer = watch();
    if (message.failed !== undefined) {
      const file = join(mkdtempSync(join(tmpdir(), 'bitwright-fuzz-')), 'model.onnx');
      writeFileSync(file, message.bytes);
      fail(`${message.failed}\n  ${file}`);
    } else if (message.done !== undefined) {
      lastDone = message.done;
      if (lastDone % 10_000 === 0) console.log(`${lastDone} done`);
    } else {
      clearTimeout(timer);
      const peakMiB = Math.round(process.resourceUsage().maxRSS / 1024);
      console.log(JSON.stringify({ ...message, slowestMs: Math.round(message.slowestMs), peakMiB, failures }));
      process.exit(failures > 0 ? 1 : 0);
    }
  });
  worker.on('error', (error) => {
    console.error(error);
    process.exit(1);
  });
}

if (isMainThread) supervise();
else await work(workerData);
