/**
 * Every real model: imports, rewrites to what can be quantized, and computes what the file computes. The originals run in onnxruntime on
 * real data where there is some, else on random data.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../src/base/random.ts';
import type { Tensor } from '../../src/base/tensor.ts';
import { createFloatEngine } from '../../src/calibrate/float-engine.ts';
import { runFloatModel } from '../../src/calibrate/run-float-model.ts';
import type { Dataset } from '../../src/data/dataset.ts';
import { loadDataset } from '../../src/data/load-dataset.ts';
import { matchDataset } from '../../src/data/match-dataset.ts';
import type { Graph } from '../../src/graph/graph.ts';
import { importOnnx } from '../../src/onnx/import-onnx.ts';
import { rewrite } from '../../src/rewrites/rewrite.ts';

const shared = join(import.meta.dirname, '..', '..', '..', 'shared');
const present = existsSync(join(shared, 'models'));
const samples = 8;

/** Ops left after the rewrites, how often, and the data to run. */
const models: Readonly<Record<string, { readonly data?: string; readonly ops: Readonly<Record<string, number>> }>> = {
  cifar10_resnet20_fp32: {
    data: 'cifar10/resnet-test',
    ops: { conv: 19, add: 9, slice: 2, pad: 2, 'global-average-pool': 1, reshape: 1, 'fully-connected': 1, clamp: 0 },
  },
  cifar10_resnet56_fp32: {
    data: 'cifar10/resnet-test',
    ops: { conv: 55, add: 27, slice: 2, pad: 2, 'global-average-pool': 1, reshape: 1, 'fully-connected': 1, clamp: 0 },
  },
  mlperf_ad_fc_ae_fp32: { ops: { 'fully-connected': 10, clamp: 0 } },
  mlperf_ic_resnet8_fp32: { data: 'cifar10/mlperf-ic-test', ops: { conv: 9, add: 3, softmax: 1, clamp: 0 } },
  mlperf_kws_dscnn_fp32: {
    data: 'kws/mlperf-kws-test',
    ops: { conv: 5, 'depthwise-conv': 4, 'batch-normalization': 0, clamp: 0 },
  },
  mlperf_vww_mobilenetv1_025_fp32: { ops: { conv: 14, 'depthwise-conv': 13, 'fully-connected': 1, clamp: 0 } },
  mobilenet_v1_025_224_fp32: {
    data: 'imagenet/mobilenet-v1-validation',
    ops: { conv: 15, 'depthwise-conv': 13, 'batch-normalization': 0, clamp: 0 },
  },
  'mobilenet_v2_torchvision_ptq.dequant': {
    data: 'imagenet/mobilenet-v2-validation',
    ops: { conv: 35, 'depthwise-conv': 17, add: 10, pad: 0, clamp: 0 },
  },
  ncf_neumf8_ml1m_fp32: {
    data: 'ncf/test',
    ops: { gather: 4, mul: 1, concat: 2, 'fully-connected': 4, sigmoid: 1, clamp: 0 },
  },
  squeezenet1_1_fp32: { data: 'imagenet/squeezenet-validation', ops: { conv: 26, 'max-pool': 3, concat: 8, clamp: 0 } },
};

function randomDataset(graph: Graph): Dataset {
  const random = seededRandom(5);
  const inputs = graph.inputs.map((name) => graph.values.get(name)!);
  const tensors = inputs.map(({ shape }): Tensor => {
    const count = shape.reduce((product, size) => product * size, samples);
    return {
      dtype: 'float32',
      shape: [samples, ...shape.slice(1)],
      data: Float32Array.from({ length: count }, () => random.normal()),
    };
  });
  return {
    source: 'random',
    samples,
    inputs: inputs.map(({ name, shape }) => ({ name, sampleShape: shape.slice(1), dtype: 'float32' })),
    read: async () => tensors,
    labels: null,
    metric: 'none',
    ranking: null,
  };
}

describe.skipIf(!present)('real models (beside the checkout)', () => {
  test('every model of the folder is listed here', () => {
    const files = readdirSync(join(shared, 'models')).filter((name) => name.endsWith('.onnx'));
    expect(files.map((name) => name.replace('.onnx', '')).sort()).toEqual(Object.keys(models).sort());
  });

  test.each(Object.entries(models))('%s', async (name, { data, ops }) => {
    const bytes = new Uint8Array(readFileSync(join(shared, 'models', `${name}.onnx`)));
    const graph = rewrite(importOnnx(bytes, { name }));
    const counted = Object.fromEntries(
      Object.keys(ops).map((op) => [op, graph.nodes.filter((node) => node.op === op).length]),
    );
    expect(counted).toEqual(ops);
    const dataset = data === undefined ? randomDataset(graph) : await loadDataset(join(shared, 'data', `${data}.json`));
    const [original] = await runFloatModel(bytes, dataset, { count: samples });
    const engine = await createFloatEngine(graph);
    const [rewritten] = (await engine.run(await matchDataset(dataset, graph).read(0, samples))).values();
    await engine.close();
    expect(rewritten!.shape).toEqual(original!.shape);
    const largest = (original!.data as Float32Array).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const worst = (original!.data as Float32Array).reduce(
      (most, value, index) => Math.max(most, Math.abs(value - Number(rewritten!.data[index]))),
      0,
    );
    expect(worst).toBeLessThan(1e-4 * Math.max(largest, 1));
  });
});
