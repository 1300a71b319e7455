/** Fine-tuning the ResNet-8 of MLPerf Tiny from a deliberately bad 2-bit start (needs ../shared/models and ../shared/data). */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { getProfile } from '../../src/arithmetic/registry.ts';
import { calibrate } from '../../src/calibrate/calibrate.ts';
import { loadDataset } from '../../src/data/load-dataset.ts';
import { matchDataset } from '../../src/data/match-dataset.ts';
import { finetune } from '../../src/finetune/finetune.ts';
import { finetuneDefaults } from '../../src/finetune/finetune-options.ts';
import { importOnnx } from '../../src/onnx/import-onnx.ts';
import { rewrite } from '../../src/rewrites/rewrite.ts';
import { defaultOptions, quantizeModel } from '../../src/search/quantize-model.ts';
import { createSimulationPool } from '../../src/simulate/pool.ts';

const shared = fileURLToPath(new URL('../../../shared', import.meta.url));
const model = `${shared}/models/mlperf_ic_resnet8_fp32.onnx`;
const data = `${shared}/data/cifar10/mlperf-ic-calibration.json`;

it.skipIf(!existsSync(model) || !existsSync(data))('brings a ruined ResNet-8 back (needs ../shared)', async () => {
  const graph = rewrite(importOnnx(readFileSync(model)));
  const profile = getProfile('cmsis-nn');
  const dataset = await loadDataset(data);
  const statistics = await calibrate(graph, dataset, { samples: 128 });
  const inputs = { ...matchDataset(dataset, graph), samples: 128 };
  const base = defaultOptions(2, 4);
  const plain = { ...base, method: 'lp-norm:2.4', rounding: 'nearest', correctBias: false } as const;
  const pool = await createSimulationPool();
  try {
    const samples = { inputs, labels: null, metric: dataset.metric };
    const { plan } = await quantizeModel(graph, statistics, samples, profile, plain, pool);
    const options = { ...finetuneDefaults, profile, steps: 150, learningRate: 0.01, judgeEvery: 50 };
    const { history } = await finetune(graph, plan, dataset, options, { pool });
    const start = history.judgements[0]!;
    expect(start.accuracy).toBeLessThan(0.5);
    expect(history.best.accuracy).toBeGreaterThan(0.6);
    expect(history.best.loss).toBeLessThan(start.loss / 2);
  } finally {
    await pool.close();
  }
});
