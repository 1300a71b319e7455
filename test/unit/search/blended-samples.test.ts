/** The float model's answers to blends, from ONNX Runtime, against the operators' own references. */
import { expect, test } from 'vitest';
import { type FloatTensor, floatTensor } from '../../../src/base/tensor.ts';
import { blendSamples } from '../../../src/data/blend-samples.ts';
import type { Dataset } from '../../../src/data/dataset.ts';
import { blendedSamples } from '../../../src/search/blended-samples.ts';
import { randomSamples, smallNetwork, statisticsOf } from './small-network.ts';

const graph = smallNetwork(3);
const samples = randomSamples(40, 3);
const dataset: Dataset = {
  source: 'random samples',
  samples: 40,
  inputs: [{ name: 'x', sampleShape: [2, 6, 6], dtype: 'float32' }],
  read: async (start, count) => [floatTensor([count, 2, 6, 6], samples.data.slice(72 * start, 72 * (start + count)))],
  labels: null,
  metric: 'none',
  ranking: null,
};

test('are those of the blends, by name, logits and probabilities', async () => {
  const found = await blendedSamples(graph, dataset, 36, 0.4);
  const [blends] = await blendSamples(dataset, 36, 0.4).read(0, 36);
  const expected = statisticsOf(graph, blends as FloatTensor).outputs;
  expect(found?.inputs.samples).toBe(36);
  expect((await found?.inputs.read(0, 36))?.[0].data).toEqual(blends?.data);
  expect([...(found?.outputs.keys() ?? [])].sort()).toEqual(['head.out', 'softmax.out']);
  for (const [name, { data, shape }] of expected) {
    expect(found?.outputs.get(name)?.shape).toEqual(shape);
    found?.outputs.get(name)?.data.forEach((value, index) => {
      expect(value).toBeCloseTo(data[index], 4);
    });
  }
});

test('are none where nothing is to be blended', async () => {
  expect(await blendedSamples(graph, dataset, 36, 0)).toBeUndefined();
});
