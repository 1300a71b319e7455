/**
 * `node scripts/measure-models.mjs --models DIR --data DIR [--only NAME] [--weights 8,4] [--activations 8] [--target ID] [--method M] [--samples N] [--limit N]`
 *
 * Takes a folder of float models through the whole job with the command line (built in dist/): quantize, the whole test set in the
 * simulator, one sample on the TypeScript reference, a few on an emulated Cortex-M4 where program and arena fit. Every row is put into
 * docs/models.json as soon as it is there, in the place of the one of the same model and bits, and docs/models.md is written from it; so a
 * run can be broken off and parts can be measured again. `--check` measures nothing and fails if the page is stale.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { measureModel, models } from './model-runs.mjs';
import { modelPage } from './model-table.mjs';

const { values: flags } = parseArgs({
  options: {
    models: { type: 'string' },
    data: { type: 'string' },
    only: { type: 'string' },
    weights: { type: 'string', default: '8,4' },
    activations: { type: 'string', default: '8' },
    target: { type: 'string', default: 'cortex-m4' },
    method: { type: 'string', default: 'lapq' },
    samples: { type: 'string', default: '512' },
    limit: { type: 'string' },
    output: { type: 'string', short: 'o', default: fileURLToPath(new URL('../docs', import.meta.url)) },
    check: { type: 'boolean' },
  },
});
const rowsPath = join(flags.output, 'models.json');
const pagePath = join(flags.output, 'models.md');

const place = ({ model, weights, activations }) =>
  models.findIndex(({ name }) => name === model) * 1000 - activations * 20 - weights;

function savedRows() {
  return existsSync(rowsPath) ? JSON.parse(readFileSync(rowsPath, 'utf8')).rows : [];
}

function saveRow(row) {
  const rows = [...savedRows().filter((other) => place(other) !== place(row)), row].sort((a, b) => place(a) - place(b));
  writeFileSync(rowsPath, `${JSON.stringify({ schema: 'bitwright-models/1', rows }, null, 2)}\n`);
  writeFileSync(pagePath, modelPage(rows));
}

function measureAll() {
  if (flags.models === undefined || flags.data === undefined) throw new Error('--models and --data are needed');
  const numbers = (text) => text.split(',').map(Number);
  const chosen = models.filter(({ name }) => flags.only === undefined || name.includes(flags.only));
  if (chosen.length === 0) throw new Error(`--only ${flags.only} is no model of ${models.map(({ name }) => name)}`);
  const options = {
    ...flags,
    samples: Number(flags.samples),
    scratch: mkdtempSync(join(tmpdir(), 'bitwright-models-')),
  };
  try {
    for (const model of chosen) {
      for (const activations of numbers(flags.activations)) {
        for (const weights of numbers(flags.weights)) {
          const started = performance.now();
          const row = measureModel(model, weights, activations, options);
          saveRow(row);
          const seconds = ((performance.now() - started) / 1000).toFixed(0);
          console.log(`${seconds} s: ${JSON.stringify(row)}`);
        }
      }
    }
  } finally {
    rmSync(options.scratch, { recursive: true, force: true });
  }
}

if (flags.check !== true) measureAll();
else if (readFileSync(pagePath, 'utf8') !== modelPage(savedRows())) {
  console.error('docs/models.md is stale; run node scripts/measure-models.mjs');
  process.exit(1);
}
