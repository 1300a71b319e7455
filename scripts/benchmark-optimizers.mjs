/**
 * The joint search of LAPQ by coordinate sweeps, by Powell's method in log-step space and by Powell's method as SciPy does it:
 * what each costs in runs of the whole program, and the loss that it ends at. Everything else is the same: the start, nearest rounding, bias
 * correction, no last rounding. Needs `npm run build` and the models of `--shared`. About a quarter of an hour.
 *
 *     node scripts/benchmark-optimizers.mjs [--update] [--shared ../shared] [--only kws,resnet8,resnet20]
 *
 * `--update` writes the table into docs/benchmarks-search.md.
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { loadModel } from '../dist/cli/steps/load-model.js';
import { targetProfile } from '../dist/cli/steps/target-profile.js';
import { loadDataset } from '../dist/data/load-dataset.js';
import { matchDataset } from '../dist/data/match-dataset.js';
import { loadTarget } from '../dist/data/targets.js';
import { calibrateModel } from '../dist/search/calibrate-model.js';
import { defaultOptions, quantizeModel } from '../dist/search/quantize-model.js';
import { createSimulationPool } from '../dist/simulate/pool.js';
import { markdownTable, writeSection } from './doc-section.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const { values: flags } = parseArgs({
  options: {
    update: { type: 'boolean', default: false },
    shared: { type: 'string', default: join(root, '../shared') },
    only: { type: 'string', default: 'kws,resnet8,resnet20' },
  },
});
const models = {
  kws: ['mlperf_kws_dscnn_fp32', 'kws/mlperf-kws-calibration'],
  resnet8: ['mlperf_ic_resnet8_fp32', 'cifar10/mlperf-ic-calibration'],
  resnet20: ['cifar10_resnet20_fp32', 'cifar10/resnet-calibration'],
};
const samplesMax = 256;
/** So few samples are swept once more than `shares` says (sweep-shares.ts). */
const variants = {
  none: { optimizer: 'none' },
  sweeps: { optimizer: 'sweep' },
  'sweeps, first step 0.3': { optimizer: 'sweep', sweepStep: 0.3 },
  'three sweeps over all, first step 0.3': { optimizer: 'sweep', sweepStep: 0.3, shares: [1, 1], sweepPasses: 1e9 },
  Powell: { optimizer: 'powell' },
  'Powell as SciPy': { optimizer: 'powell-scipy' },
};

/** Loss before and after the joint search, over all samples, and what all of the search cost. */
async function measure([file, data]) {
  const model = await loadModel(join(flags.shared, 'models', `${file}.onnx`));
  const dataset = matchDataset(await loadDataset(join(flags.shared, 'data', `${data}.json`)), model.graph);
  const profile = targetProfile(await loadTarget('cortex-m4'));
  const samples = Math.min(samplesMax, dataset.samples);
  const plain = { ...defaultOptions(4, 4), rounding: 'nearest', rounds: 0 };
  const { graph, statistics } = await calibrateModel(model.graph, dataset, profile, plain, { samples });
  const calibration = { inputs: { ...dataset, samples }, labels: null, metric: dataset.metric };
  const found = new Map();
  for (const [name, options] of Object.entries(variants)) {
    const pool = await createSimulationPool();
    const result = await quantizeModel(graph, statistics, calibration, profile, { ...plain, ...options }, pool);
    await pool.close();
    found.set(name, result);
    console.error(`${file} ${name}: loss ${result.loss.final}, ${result.evaluations.fullEquivalents} full runs`);
  }
  return found;
}

const rows = [];
for (const name of flags.only.split(',')) {
  const found = await measure(models[name]);
  const before = found.get('none');
  const costOf = (variant) => found.get(variant).evaluations.fullEquivalents - before.evaluations.fullEquivalents;
  for (const variant of Object.keys(variants).slice(1)) {
    const { loss, trace, evaluations } = found.get(variant);
    const { fit } = trace.findLast(({ overall }) => overall === loss.final);
    rows.push([
      ...[name, variant, evaluations.count - before.evaluations.count, costOf(variant).toFixed(0)],
      (costOf(variant) / costOf('Powell')).toFixed(2),
      ...[before.loss.final, loss.final, fit].map((value) => value.toPrecision(3)),
    ]);
  }
}
const titles = [
  ...['model', 'joint search', 'evaluations', 'full equivalents', 'of the cost of Powell'],
  ...['loss before', 'loss after', 'of the samples that it may fit'],
];
const text = [
  `\`node scripts/benchmark-optimizers.mjs --update\`: W4A4, ${samplesMax} calibration samples (kws 200), seed 1.`,
  '',
  markdownTable(titles, rows),
].join('\n');
console.log(text);
if (flags.update) writeSection(join(root, 'docs/benchmarks-search.md'), 'optimizers', text);
