/**
 * The tables and figure 2 of the LAPQ paper (1911.07190), measured on the integer programs of two models; needs `npm run build`.
 *
 *     node scripts/paper-tables.mjs --models DIR --data DIR [--only REGEXP] [--seconds N] [--redo] [--test-samples N] [-o FOLDER]
 *
 * Measures are kept in FOLDER/paper-tables.json (FOLDER is docs unless given): a run does what is missing there, or again with --redo, and
 * starts nothing new after --seconds. Every run writes FOLDER/paper-tables.md and FOLDER/loss-surface.svg from what there is.
 * `--quick` shows in seconds that all of it works: the demo model, few samples, a folder of its own.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createSimulationPool } from '../dist/simulate/pool.js';
import { allExperiments } from './paper/experiments.mjs';
import { measureSurface, surfaceBits, surfaceKey } from './paper/loss-surface.mjs';
import { paperPage } from './paper/page.mjs';
import { openStudy } from './paper/study.mjs';
import { surfaceDrawing } from './paper/surface-drawing.mjs';

const { values: options } = parseArgs({
  options: {
    models: { type: 'string' },
    data: { type: 'string' },
    only: { type: 'string', default: '' },
    seconds: { type: 'string', default: '1e9' },
    redo: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    'test-samples': { type: 'string' },
    output: { type: 'string', short: 'o' },
  },
});
const root = fileURLToPath(new URL('..', import.meta.url));
const folder = options.output ?? join(root, 'docs');
if (options.quick && options.output === undefined) throw new Error('--quick needs a folder of its own: -o FOLDER');
if (!options.quick && (options.models === undefined || options.data === undefined)) {
  throw new Error('--models and --data are needed');
}

const models = options.quick ? ['demo-mnist'] : ['cifar10_resnet20_fp32', 'cifar10_resnet56_fp32'];
const sources = (model) =>
  options.quick
    ? {
        model: join(root, `models/${model}.onnx`),
        calibration: join(root, 'models/demo-calibration.json'),
        test: join(root, 'models/demo-test.json'),
      }
    : {
        model: join(options.models, `${model}.onnx`),
        calibration: join(options.data, 'cifar10/resnet-calibration.json'),
        test: join(options.data, 'cifar10/resnet-test.json'),
      };
const testSamples =
  options['test-samples'] === undefined ? (options.quick ? 50 : undefined) : Number(options['test-samples']);

const file = join(folder, 'paper-tables.json');
const results = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
const keep = (key, value) => {
  results[key] = value;
  const sorted = Object.fromEntries(Object.entries(results).sort(([a], [b]) => (a < b ? -1 : 1)));
  writeFileSync(file, `${JSON.stringify(sorted, null, 1)}\n`);
};

const only = new RegExp(options.only);
const wanted = (key) => only.test(key) && (options.redo || results[key] === undefined);
const late = () => performance.now() > Number(options.seconds) * 1000;

const pool = await createSimulationPool();
try {
  for (const model of models) {
    const experiments = allExperiments(models, options.quick ? 1 : undefined).filter(
      (item) => item.model === model && wanted(item.key),
    );
    const surfaces = model === models[0] ? surfaceBits.filter((bits) => wanted(surfaceKey(model, bits))) : [];
    if (experiments.length + surfaces.length === 0 || late()) continue;
    const study = await openStudy({ ...sources(model), testSamples }, pool);
    for (const item of experiments) {
      if (late()) break;
      const started = performance.now();
      const found = await study.run(options.quick ? { ...item, samples: Math.min(16, item.samples / 32) } : item);
      keep(item.key, found);
      const { drop, divergence, loss } = found;
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      console.log(
        `${item.key}: drop ${(100 * drop.mean).toFixed(2)}, KL ${divergence.mean.toFixed(4)}, loss ${loss.final.toFixed(4)}, ${seconds} s`,
      );
    }
    for (const bits of surfaces) {
      if (late()) break;
      keep(surfaceKey(model, bits), await measureSurface(study, bits, pool, options.quick));
      console.log(surfaceKey(model, bits));
    }
  }
} finally {
  await pool.close();
}
const drawn = surfaceBits.map((bits) => results[surfaceKey(models[0], bits)]);
if (drawn.every((surface) => surface !== undefined))
  writeFileSync(join(folder, 'loss-surface.svg'), surfaceDrawing(drawn));
writeFileSync(join(folder, 'paper-tables.md'), paperPage(models, results));
