/** Training from scratch on a toy problem with batch norm: it learns, repeats, and leaves running statistics that fit the data. */
import { expect, test } from 'vitest';
import { seededRandom } from '../../../src/base/random.ts';
import { floatTensor, type Tensor } from '../../../src/base/tensor.ts';
import { createFloatEngine } from '../../../src/calibrate/float-engine.ts';
import type { Dataset } from '../../../src/data/dataset.ts';
import { initializeWeights } from '../../../src/finetune/initialize-weights.ts';
import { trainFloat, trainFloatDefaults } from '../../../src/finetune/train-float.ts';
import { sketchGraph } from './training-harness.ts';

const relu = { clamp: { min: 0, max: Number.POSITIVE_INFINITY } };
const count = 600;

/** Points in a square; the class says whether they lie inside a circle. No linear model can do it. */
function circle(): Dataset {
  const random = seededRandom(11);
  const labels = new Int32Array(count);
  const data = Float32Array.from({ length: 2 * count }, () => 5 + 2 * (2 * random.next() - 1));
  for (let sample = 0; sample < count; sample++) {
    labels[sample] = Math.hypot(data[2 * sample]! - 5, data[2 * sample + 1]! - 5) < 1.5 ? 1 : 0;
  }
  const read = async (start: number, length: number): Promise<Tensor[]> => [
    floatTensor([length, 2], data.slice(2 * start, 2 * (start + length))),
  ];
  const inputs = [{ name: 'point', sampleShape: [2], dtype: 'float32' as const }];
  return { source: 'circle', samples: count, inputs, read, labels, metric: 'top-1', ranking: null };
}

const vector = (size: number): Tensor => floatTensor([size]);
const sketched = sketchGraph(
  { point: [1, 2] },
  {
    w1: floatTensor([16, 2]),
    scale: vector(16),
    bias: vector(16),
    mean: vector(16),
    variance: vector(16),
    w2: floatTensor([2, 16]),
    b2: vector(2),
  },
  [
    { op: 'fully-connected', inputs: ['point', 'w1'], outputs: { hidden: [1, 16] } },
    {
      op: 'batch-normalization',
      inputs: ['hidden', 'scale', 'bias', 'mean', 'variance'],
      outputs: { normed: [1, 16] },
      attributes: { epsilon: 1e-5 },
    },
    { op: 'clamp', inputs: ['normed'], outputs: { active: [1, 16] }, attributes: relu },
    { op: 'fully-connected', inputs: ['active', 'w2', 'b2'], outputs: { logits: [1, 2] } },
  ],
);

test('a network with batch norm learns a circle from random weights, and does it again', async () => {
  const dataset = circle();
  const start = initializeWeights(sketched, 4);
  const options = { ...trainFloatDefaults, steps: 300, batch: 32, threads: 1 };
  const { graph, losses } = await trainFloat(start, dataset, options);
  expect(losses[0]).toBeGreaterThan(0.4);
  const engine = await createFloatEngine(graph);
  const [points] = await dataset.read(0, count);
  const logits = (await engine.run([points!])).get('logits')!.data as Float32Array;
  await engine.close();
  const right = dataset.labels!.filter(
    (label, sample) => Number(logits[2 * sample + 1]! > logits[2 * sample]!) === label,
  );
  expect(right.length / count).toBeGreaterThan(0.95);

  // Statistics of the first layer over all points, computed here from its weights.
  const weights = graph.constants.get('w1')!.data as Float32Array;
  const outputs = Array.from({ length: count }, (_, sample) => {
    const [x, y] = (points!.data as Float32Array).subarray(2 * sample, 2 * sample + 2);
    return weights[0]! * x! + weights[1]! * y!;
  });
  const mean = outputs.reduce((sum, value) => sum + value, 0) / count;
  expect((graph.constants.get('mean')!.data as Float32Array)[0]).toBeCloseTo(mean, 0);

  const again = await trainFloat(start, dataset, options);
  expect(again.losses).toEqual(losses);
});

test('random weights have the variance that He et al. ask for', () => {
  const wide = { ...sketched, constants: new Map([...sketched.constants, ['w1', floatTensor([500, 8])]]) };
  const values = initializeWeights(wide, 9).constants.get('w1')!.data as Float32Array;
  const square = values.reduce((sum, value) => sum + value * value, 0) / values.length;
  expect(square).toBeGreaterThan(0.23);
  expect(square).toBeLessThan(0.27);
});

test('labels are required', async () => {
  const dataset = { ...circle(), labels: null };
  await expect(trainFloat(sketched, dataset, trainFloatDefaults)).rejects.toMatchObject({ code: 'DATASET_INVALID' });
});
