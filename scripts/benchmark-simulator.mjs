/**
 * Images per second of the integer simulator against float32 in onnxruntime-node, with the same number of threads, alternating in one
 * process, and their ratio (median). Each side runs the batch size that a warm-up finds best for it. Needs `npm run build`. Models are
 * quantized by plain min-max on a few samples: speed does not depend on how good the steps are.
 *
 *     node scripts/benchmark-simulator.mjs MODEL.onnx DATASET.json [--weights 8] [--activations 8] [--target cortex-m4]
 *         [--batches 16,64,128] [--rounds 5] [--threads 2] [--profile] [--json]
 *
 * `--profile` prints the time per operation on one thread instead, with the largest batch. generate-throughput.mjs runs it on all models.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { calibrate } from '../dist/calibrate/calibrate.js';
import { loadModel } from '../dist/cli/steps/load-model.js';
import { targetProfile } from '../dist/cli/steps/target-profile.js';
import { loadDataset } from '../dist/data/load-dataset.js';
import { matchDataset } from '../dist/data/match-dataset.js';
import { loadTarget } from '../dist/data/targets.js';
import { createLowering } from '../dist/lower/lower.js';
import { pack } from '../dist/package/pack.js';
import { defaultOptions, quantizeModel } from '../dist/search/quantize-model.js';
import { loadKernels } from '../dist/simulate/kernel-module.js';
import { createSimulationPool } from '../dist/simulate/pool.js';
import { quantizeSamples } from '../dist/simulate/quantize-samples.js';
import { SampleEngine } from '../dist/simulate/sample-engine.js';

const calibrationSamples = 8;
/** Long enough that V8 has compiled every kernel with its optimizing compiler: until then its threads compete for the processors. */
const warmUpMilliseconds = 3000;
const warmUps = 2;
/** Before a measurement, and its least length. */
const settleMilliseconds = 300;
const roundMilliseconds = 500;

const { positionals, values: flags } = parseArgs({
  allowPositionals: true,
  options: {
    weights: { type: 'string', default: '8' },
    activations: { type: 'string', default: '8' },
    target: { type: 'string', default: 'cortex-m4' },
    batches: { type: 'string', default: '16,64,128' },
    rounds: { type: 'string', default: '5' },
    threads: { type: 'string', default: '2' },
    profile: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const [modelPath, datasetPath] = positionals;
if (modelPath === undefined || datasetPath === undefined) {
  console.error('usage: node scripts/benchmark-simulator.mjs MODEL.onnx DATASET.json [options]');
  process.exit(2);
}
const [rounds, threads] = [flags.rounds, flags.threads].map(Number);
const batches = flags.batches.split(',').map(Number);
const batch = Math.max(...batches);

/** The packed program and the codes of `batch` samples; the data set is repeated where it is shorter. */
async function prepare() {
  const model = await loadModel(modelPath);
  const profile = targetProfile(await loadTarget(flags.target));
  const dataset = matchDataset(await loadDataset(datasetPath), model.graph);
  const statistics = await calibrate(model.graph, dataset, { samples: Math.min(calibrationSamples, dataset.samples) });
  const options = {
    ...defaultOptions(Number(flags.weights), Number(flags.activations)),
    ...{ method: 'max-abs', rounding: 'nearest', correctBias: false },
  };
  const calibration = { inputs: { ...dataset, samples: statistics.samples }, labels: null, metric: 'none' };
  const pool = await createSimulationPool({ workers: threads });
  const { plan } = await quantizeModel(model.graph, statistics, calibration, profile, options, pool);
  await pool.close();
  const program = createLowering(model.graph, profile)(plan);
  const read = await dataset.read(0, Math.min(batch, dataset.samples));
  const samples = read.map((tensor) => repeat(tensor, batch));
  const codes = quantizeSamples(
    program.inputs.map((index, port) => ({ tensor: program.tensors[index], samples: samples[port] })),
    profile.quantizeInput,
  );
  return { model, program, samples, codes };
}

function repeat(tensor, count) {
  const perSample = tensor.data.length / tensor.shape[0];
  const data = new tensor.data.constructor(count * perSample);
  for (let at = 0; at < data.length; at += tensor.data.length) {
    data.set(tensor.data.subarray(0, Math.min(tensor.data.length, data.length - at)), at);
  }
  return { ...tensor, shape: [count, ...tensor.shape.slice(1)], data };
}

/** The first `count` samples of an array over `batch` samples. */
const firstSamples = (data, count) => data.slice(0, (data.length / batch) * count);

/** A function per batch size that runs it. */
async function floatRunners(samples) {
  const ort = (await import('onnxruntime-node')).default;
  const session = await ort.InferenceSession.create(readFileSync(modelPath), {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
  });
  const feedsOf = (count) =>
    Object.fromEntries(
      session.inputMetadata.map(({ name, shape, type }, port) => {
        const fixed = shape.map((size, axis) => (axis === 0 ? count : size));
        const data = firstSamples(samples[port].data, count);
        return [name, new ort.Tensor(type, type === 'int64' ? BigInt64Array.from(data, BigInt) : data, fixed)];
      }),
    );
  return batches.map((count) => {
    const feeds = feedsOf(count);
    return { count, run: () => session.run(feeds) };
  });
}

function integerRunners(pool, bytes, codes) {
  return batches.map((count) => {
    const part = { samples: count, inputs: codes.inputs.map((data) => firstSamples(data, count)) };
    const run = async () => {
      await pool.setInputs(part);
      await pool.run(bytes);
    };
    return { count, run };
  });
}

/** Once the other engine's threads sleep: those of onnxruntime spin for tens of milliseconds after a run, on processors that this one needs. */
async function imagesPerSecond({ count, run }) {
  await new Promise((resolve) => setTimeout(resolve, settleMilliseconds));
  await run();
  const start = performance.now();
  let runs = 0;
  for (; runs === 0 || performance.now() - start < roundMilliseconds; runs++) await run();
  return (runs * count * 1000) / (performance.now() - start);
}

const median = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];

async function warmUp({ run }) {
  const start = performance.now();
  for (let round = 0; round < warmUps || performance.now() - start < warmUpMilliseconds; round++) await run();
}

/** The runner with the best rate after warming up. */
async function fastest(runners) {
  const rated = [];
  for (const runner of runners) {
    await warmUp(runner);
    const rates = [await imagesPerSecond(runner), await imagesPerSecond(runner)];
    rated.push({ runner, rate: Math.max(...rates) });
  }
  return rated.toSorted((a, b) => b.rate - a.rate)[0].runner;
}

async function compare() {
  const { model, program, samples, codes } = await prepare();
  const pool = await createSimulationPool({ workers: threads });
  const float = await fastest(await floatRunners(samples));
  const integer = await fastest(integerRunners(pool, pack(program), codes));
  const rates = { float: [], integer: [] };
  for (let round = 0; round < rounds; round++) {
    rates.float.push(await imagesPerSecond(float));
    rates.integer.push(await imagesPerSecond(integer));
  }
  await pool.close();
  const ratios = rates.integer.map((rate, round) => rate / rates.float[round]);
  const macs = program.operations.reduce((sum, operation) => sum + operation.macs, 0);
  const result = {
    model: model.name,
    ...{ weights: Number(flags.weights), activations: Number(flags.activations), target: flags.target, threads },
    macsPerImage: macs,
    floatBatch: float.count,
    integerBatch: integer.count,
    floatImagesPerSecond: median(rates.float),
    integerImagesPerSecond: median(rates.integer),
    floatGmacsPerSecond: (median(rates.float) * macs) / 1e9,
    integerGmacsPerSecond: (median(rates.integer) * macs) / 1e9,
    ratio: median(ratios),
    ratios,
    peakResidentBytes: process.resourceUsage().maxRSS * 1024,
  };
  if (flags.json) {
    console.log(JSON.stringify(result));
    return;
  }
  const numbers = [
    `float ${result.floatImagesPerSecond.toFixed(0)}/s (batch ${float.count})`,
    `integer ${result.integerImagesPerSecond.toFixed(0)}/s (batch ${integer.count})`,
    `${result.floatGmacsPerSecond.toFixed(1)} and ${result.integerGmacsPerSecond.toFixed(1)} GMAC/s`,
  ];
  console.log(
    `${model.name} W${flags.weights}A${flags.activations}: ${numbers.join(', ')}, ratio ${result.ratio.toFixed(3)}` +
      ` (${ratios.map((ratio) => ratio.toFixed(2)).join(' ')})`,
  );
}

/** The best time of each operation on one engine over all rounds, by standing between it and the kernels. */
async function profileOperations() {
  const { program, codes } = await prepare();
  const kernels = await loadKernels(2 ** 32);
  const spent = program.operations.map(() => ({ run: 0, pack: 0, variant: 'plain' }));
  const best = program.operations.map(() => ({ run: Infinity, pack: Infinity }));
  const timed =
    (name, entry, variant) =>
    (handle, index, ...rest) => {
      const start = performance.now();
      const status = kernels.exports[name](handle, index, ...rest);
      spent[index][entry] += performance.now() - start;
      spent[index].variant = variant;
      return status;
    };
  const exports = {
    ...kernels.exports,
    runPlain: timed('runPlain', 'run', 'plain'),
    runFast: timed('runFast', 'run', 'fast'),
    packFast: timed('packFast', 'pack', 'fast'),
  };
  const engine = new SampleEngine({ ...kernels, exports }, 'fast');
  const bytes = pack(program);
  for (let round = 0; round < warmUps + rounds; round++) {
    engine.setInputs(codes);
    engine.run(bytes, undefined, batch);
    spent.forEach((entry, index) => {
      for (const part of ['run', 'pack']) best[index][part] = Math.min(best[index][part], entry[part]);
      Object.assign(entry, { run: 0, pack: 0 });
    });
  }
  const total = best.reduce((sum, entry) => sum + entry.run + entry.pack, 0);
  program.operations.forEach((operation, index) => {
    const { run, pack: packing } = best[index];
    const perImage = (run / batch) * 1000;
    const shape = program.tensors[operation.output].shape.join('x');
    const rate = operation.macs > 0 ? `${(operation.macs / perImage / 1000).toFixed(1)} GMAC/s` : '';
    console.log(
      [
        operation.kernel.padEnd(20),
        shape.padEnd(16),
        spent[index].variant.padEnd(5),
        `${perImage.toFixed(2)} us`.padStart(12),
        `pack ${packing.toFixed(2)} ms`.padStart(14),
        `${((100 * (run + packing)) / total).toFixed(1)} %`.padStart(7),
        rate,
      ].join(' '),
    );
  });
  console.log(`total ${((total / batch) * 1000).toFixed(1)} us per image on one thread`);
}

await (flags.profile ? profileOperations() : compare());
