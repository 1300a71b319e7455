/**
 * Accuracy of the default method, next to the float model on the same test samples, and what the search cost. After `npm run build`:
 *
 *     node scripts/measure-accuracy.mjs --models DIR --data DIR [--only kws,resnet8] [--configurations w8a8,w4a8,w4a4-residual,...]
 *         [--samples 512] [--first 0] [--set JSON] [--results FILE.json]
 *
 * The plan sees the calibration set alone, `--samples` of it from `--first` on; the test set is read once, by the finished program in the
 * simulator. `--set` overrides search options (experiments). `--results` keeps the rows in a file, a row of the same name replaced, and
 * writes docs/accuracy.md from them when it is docs/accuracy.json.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runFloatModel } from '../dist/calibrate/run-float-model.js';
import { loadModel } from '../dist/cli/steps/load-model.js';
import { targetProfile } from '../dist/cli/steps/target-profile.js';
import { loadDataset } from '../dist/data/load-dataset.js';
import { matchDataset } from '../dist/data/match-dataset.js';
import { loadTarget } from '../dist/data/targets.js';
import { logitsOf } from '../dist/lower/epilogue.js';
import { lower } from '../dist/lower/lower.js';
import { pack } from '../dist/package/pack.js';
import { blendedSamples } from '../dist/search/blended-samples.js';
import { calibrateModel } from '../dist/search/calibrate-model.js';
import { defaultOptions, quantizeModel } from '../dist/search/quantize-model.js';
import { createSimulationPool } from '../dist/simulate/pool.js';
import { quantizeSamples } from '../dist/simulate/quantize-samples.js';
import { accuracyOf } from '../dist/validate/metrics.js';
import { divergences, floatLogits } from './test-divergence.mjs';

const { values: flags } = parseArgs({
  options: {
    models: { type: 'string' },
    data: { type: 'string' },
    only: { type: 'string', default: '' },
    configurations: { type: 'string', default: 'w8a8,w4a8,w4a4-residual,w4a4-all,w4a4-depthwise' },
    target: { type: 'string', default: 'cortex-m4' },
    samples: { type: 'string', default: '512' },
    first: { type: 'string', default: '0' },
    set: { type: 'string', default: '{}' },
    results: { type: 'string' },
    trace: { type: 'boolean', default: false },
  },
});
if (flags.models === undefined || flags.data === undefined) throw new Error('--models and --data are needed');

/**
 * Short name, file, manifests, and the largest drop in points that is asked of each configuration (null: none is). The last configuration is
 * left out where a model has no depthwise layers.
 */
const models = [
  ['kws', 'mlperf_kws_dscnn_fp32', 'kws/mlperf-kws-calibration', 'kws/mlperf-kws-test', [0.5, 0.5, 1.5, 2.5, null]],
  [
    'resnet8',
    'mlperf_ic_resnet8_fp32',
    'cifar10/mlperf-ic-calibration',
    'cifar10/mlperf-ic-test',
    [0.3, 0.6, 1.2, 3.5],
  ],
  ['resnet20', 'cifar10_resnet20_fp32', 'cifar10/resnet-calibration', 'cifar10/resnet-test', [0.3, 0.3, 0.5, 1.2]],
  ['resnet56', 'cifar10_resnet56_fp32', 'cifar10/resnet-calibration', 'cifar10/resnet-test', [0.3, 0.3, 1, 1.8]],
  [
    'mobilenet-v1',
    'mobilenet_v1_025_224_fp32',
    'imagenet/mobilenet-v1-calibration',
    'imagenet/mobilenet-v1-validation',
    [1, 2.5, null, null, null],
  ],
  [
    'squeezenet',
    'squeezenet1_1_fp32',
    'imagenet/squeezenet-calibration',
    'imagenet/squeezenet-validation',
    [0.8, 2, 6, null],
  ],
  [
    'mobilenet-v2',
    'mobilenet_v2_torchvision_ptq.dequant',
    'imagenet/mobilenet-v2-calibration',
    'imagenet/mobilenet-v2-validation',
    [0.8, 2.5, 8, null, null],
  ],
  ['ncf', 'ncf_neumf8_ml1m_fp32', 'ncf/calibration', 'ncf/test', [0.5, null, null, null]],
];
/** Widths, and the policy for activations where it is not the default one. */
const configurations = ['w8a8', 'w4a8', 'w4a4-residual', 'w4a4-all', 'w4a4-depthwise'];
const applicable = (targets) => configurations.slice(0, targets.length);

function optionsOf(configuration) {
  const [widths, policy] = configuration.split('-');
  const [weights, activations] = widths.match(/\d+/g).map(Number);
  const { bits, ...options } = defaultOptions(weights, activations);
  return { ...options, bits: { ...bits, policy: policy ?? bits.policy }, ...JSON.parse(flags.set) };
}

const sliceSamples = 500;

/** Codes of each of `tensors` on all samples. */
async function codesOf(program, tensors, profile, dataset, pool) {
  const bytes = pack(program);
  const codes = tensors.map(() => []);
  for (let start = 0; start < dataset.samples; start += sliceSamples) {
    const inputs = await dataset.read(start, Math.min(sliceSamples, dataset.samples - start));
    const described = program.inputs.map((index, port) => ({ tensor: program.tensors[index], samples: inputs[port] }));
    await pool.setInputs(quantizeSamples(described, profile.quantizeInput));
    const parts = await pool.run(bytes, { tensors });
    parts.forEach((part, index) => {
      for (const code of part) codes[index].push(code);
    });
  }
  return codes;
}

/** Standard error of the difference of two accuracies on the same samples, in points: from the samples that only one got right. */
function standardError(a, b, dataset) {
  if (dataset.metric !== 'top-1') return null;
  const right = (scores, sample) => accuracyOf(scores.slice(sample * width, (sample + 1) * width), oneOf(sample), 1);
  const width = a.length / dataset.samples;
  const oneOf = (sample) => ({ ...dataset, labels: dataset.labels.slice(sample, sample + 1) });
  let changed = 0;
  for (let sample = 0; sample < dataset.samples; sample++) changed += (right(a, sample) - right(b, sample)) ** 2;
  return (100 * Math.sqrt(changed)) / dataset.samples;
}

/** Null where the output is no row of scores. */
function meanDivergence(graph, tensor, codes, floatScores, samples) {
  if (floatScores.length / samples < 2) return null;
  const found = divergences(tensor, codes, floatLogits(graph, floatScores), samples);
  return found.reduce((sum, value) => sum + value, 0) / samples;
}

/** `dataset` from sample `first` on. */
function from(first, dataset) {
  const { samples, labels } = dataset;
  const read = (start, count) => dataset.read(first + start, count);
  return { ...dataset, samples: samples - first, labels: labels?.slice(first) ?? null, read };
}

async function measureModel([name, file, calibration, test, targets], wanted) {
  const model = await loadModel(join(flags.models, `${file}.onnx`));
  const profile = targetProfile(await loadTarget(flags.target));
  const [wholeSet, testSet] = await Promise.all(
    [calibration, test].map(async (path) =>
      matchDataset(await loadDataset(join(flags.data, `${path}.json`)), model.graph),
    ),
  );
  const calibrationSet = from(Number(flags.first), wholeSet);
  const samples = Math.min(Number(flags.samples), calibrationSet.samples);
  const inputs = { ...calibrationSet, samples };
  const labels = calibrationSet.labels?.slice(0, samples) ?? null;
  const file32 = new Uint8Array(readFileSync(join(flags.models, `${file}.onnx`)));
  const floatScores = (await runFloatModel(file32, testSet))[0].data;
  const float = accuracyOf(floatScores, testSet, testSet.samples);
  for (const configuration of applicable(targets).filter((own) => wanted.includes(own))) {
    const pool = await createSimulationPool();
    const options = optionsOf(configuration);
    const { user } = process.cpuUsage();
    const started = performance.now();
    const { graph, statistics } = await calibrateModel(model.graph, calibrationSet, profile, options, { samples });
    const lossSamples = await blendedSamples(graph, calibrationSet, samples, options.blend);
    const calibration = { inputs, labels, metric: calibrationSet.metric, lossSamples };
    const result = await quantizeModel(graph, statistics, calibration, profile, options, pool);
    const seconds = (performance.now() - started) / 1000;
    const processorSeconds = (process.cpuUsage().user - user) / 1e6;
    const program = lower(graph, result.plan, profile);
    const logits = program.tensors.findIndex(({ name }) => name === logitsOf(graph, graph.outputs[0]));
    const [scores, codes] = await codesOf(program, [program.outputs[0], logits], profile, testSet, pool);
    await pool.close();
    const integer = accuracyOf(scores, testSet, testSet.samples);
    if (flags.trace)
      for (const { phase, detail, fit, overall } of result.trace) console.log('  ', phase, detail, fit, overall);
    record({
      name,
      configuration,
      samples,
      testSamples: testSet.samples,
      float: 100 * float,
      integer: 100 * integer,
      drop: 100 * (float - integer),
      standardError: standardError(floatScores, scores, testSet),
      allowed: targets[configurations.indexOf(configuration)],
      initialLoss: result.loss.initial,
      finalLoss: result.loss.final,
      divergence: meanDivergence(graph, program.tensors[logits], codes, floatScores, testSet.samples),
      fullEquivalents: result.evaluations.fullEquivalents,
      seconds,
      processorSeconds,
    });
  }
}

const rows =
  flags.results !== undefined && existsSync(flags.results) ? JSON.parse(readFileSync(flags.results, 'utf8')) : [];
const fixed = (value, digits) => (value === null ? '-' : value.toFixed(digits));

function record(row) {
  const at = rows.findIndex(({ name, configuration }) => name === row.name && configuration === row.configuration);
  if (at < 0) rows.push(row);
  else rows[at] = row;
  if (flags.results !== undefined) writeFileSync(flags.results, `${JSON.stringify(rows, null, 2)}\n`);
  console.log(
    `${row.name} ${row.configuration}: float ${fixed(row.float, 2)}, drop ${fixed(row.drop, 2)} +- ${fixed(row.standardError, 2)} ` +
      `(allowed ${row.allowed ?? '-'}), loss ${row.initialLoss.toPrecision(4)} -> ${row.finalLoss.toPrecision(4)}, ` +
      `divergence on test samples ${row.divergence?.toPrecision(3) ?? '-'}, ${fixed(row.fullEquivalents, 0)} full runs, ${fixed(row.seconds, 1)} s, ${fixed(row.processorSeconds, 1)} CPU s`,
  );
}

/** One line per model: drops in points with their standard errors. */
function page() {
  const titles = [
    ...['model', 'calibration', 'test samples', 'float %'],
    ...configurations.map((name) =>
      name
        .toUpperCase()
        .replace('-', ', ')
        .replace(/, .*/, (policy) => policy.toLowerCase()),
    ),
  ];
  const line = ([name, , , , targets]) => {
    const own = rows.filter((row) => row.name === name);
    if (own.length === 0) return [];
    const cells = configurations.map((configuration) => {
      const row = own.find((candidate) => candidate.configuration === configuration);
      if (row === undefined) return applicable(targets).includes(configuration) ? '-' : '';
      const error = row.standardError === null ? '' : ` ± ${fixed(row.standardError, 2)}`;
      const missed = row.allowed !== null && row.drop > row.allowed + 1e-9 ? ` (asked: ${row.allowed})` : '';
      const other = row.samples === own[0].samples ? '' : ` (${row.samples} samples)`;
      const divergence = typeof row.divergence === 'number' ? ` · ${row.divergence.toPrecision(2)}` : '';
      return `${fixed(row.drop, 2)}${error}${missed}${other}${divergence}`;
    });
    return [`| ${[name, own[0].samples, own[0].testSamples, fixed(own[0].float, 2), ...cells].join(' | ')} |`];
  };
  return [
    '# Accuracy',
    '',
    'Generated by scripts/measure-accuracy.mjs from accuracy.json; do not edit.',
    '',
    'Points of top-1 (ncf: hit rate in the first ten) that the packed integer program loses against the float model on the same test samples;',
    'negative: it gains. Everything is integer, additions included; the first and the last weighted layer have 8 bits. The default method with',
    'its default options and seed 1, profile `cmsis-nn`, calibration on the calibration set alone. ± is one standard error of the difference,',
    'from the samples that only one of the two gets right. `residual`: results and operands of additions at 8 bits (the default); `all`:',
    'every inner activation at 4; `depthwise`: as `residual`, and inputs of depthwise layers and linear bottlenecks at 8, for models with such',
    'layers. Where a drop is above what we ask of it, the cell says so; of `depthwise` nothing is asked. Behind the dot: the mean',
    "Kullback-Leibler divergence from the float model's answers to the test samples, the finer measure of the two. A dash: not measured yet.",
    '',
    `| ${titles.join(' | ')} |`,
    `|${titles.map(() => '---|').join('')}`,
    ...models.flatMap(line),
    '',
    '```console',
    '$ node scripts/measure-accuracy.mjs --models MODELS --data DATA --results docs/accuracy.json',
    '```',
    '',
  ].join('\n');
}

const only = flags.only.split(',').filter((name) => name !== '');
for (const model of models) {
  if (only.length === 0 || only.includes(model[0])) await measureModel(model, flags.configurations.split(','));
}
if (flags.results?.endsWith('docs/accuracy.json')) writeFileSync(flags.results.replace('.json', '.md'), page());
