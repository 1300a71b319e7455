/** Whole runs on a tiny classifier of synthetic patterns: what tuning gains, that it repeats, resumes, refuses and stops. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { getProfile } from '../../../src/arithmetic/registry.ts';
import { seededRandom } from '../../../src/base/random.ts';
import { floatTensor, type Tensor } from '../../../src/base/tensor.ts';
import type { Dataset } from '../../../src/data/dataset.ts';
import { type FinetuneResult, finetune } from '../../../src/finetune/finetune.ts';
import { type FinetuneOptions, finetuneDefaults } from '../../../src/finetune/finetune-options.ts';
import type { Graph } from '../../../src/graph/graph.ts';
import type { QuantizationPlan } from '../../../src/graph/quantization-plan.ts';
import { roundNearest } from '../../../src/quantize/rounding/nearest.ts';
import type { SimulationPool } from '../../../src/simulate/engine.ts';
import { createSimulationPool } from '../../../src/simulate/pool.ts';
import { startInlineWorker } from '../../../src/simulate/worker-port.ts';
import { randomTensor, sketchGraph } from './training-harness.ts';

const classes = 4;
const side = 6;
const relu = { min: 0, max: Number.POSITIVE_INFINITY };

/** Each class is a bright quadrant in noise. */
function patterns(count: number, seed: number): Dataset {
  const random = seededRandom(seed);
  const labels = new Int32Array(count);
  const data = new Float32Array(count * side * side);
  for (let sample = 0; sample < count; sample++) {
    const label = random.integer(0, classes - 1);
    labels[sample] = label;
    for (let pixel = 0; pixel < side * side; pixel++) {
      const [row, column] = [Math.floor(pixel / side), pixel % side];
      const lit = (row < 3 ? 0 : 2) + (column < 3 ? 0 : 1) === label;
      data[sample * side * side + pixel] = Math.min(1, Math.max(0, (lit ? 0.6 : 0.3) + 0.25 * random.normal()));
    }
  }
  const input = { name: 'image', sampleShape: [1, side, side], dtype: 'float32' as const };
  const read = async (start: number, length: number): Promise<Tensor[]> => [
    floatTensor([length, 1, side, side], data.slice(start * side * side, (start + length) * side * side)),
  ];
  return { source: 'patterns', samples: count, inputs: [input], read, labels, metric: 'top-1', ranking: null };
}

const model: Graph = sketchGraph(
  { image: [1, 1, side, side] },
  {
    w1: randomTensor([8, 1, 3, 3], 1),
    b1: floatTensor([8]),
    w2: randomTensor([classes, 8 * 9], 2),
    b2: floatTensor([classes]),
  },
  [
    {
      op: 'conv',
      inputs: ['image', 'w1', 'b1'],
      outputs: { hidden: [1, 8, 3, 3] },
      attributes: { strides: [2, 2], dilations: [1, 1], pads: [0, 0, 1, 1], groups: 1, clamp: relu },
    },
    { op: 'reshape', inputs: ['hidden'], outputs: { flat: [1, 72] }, attributes: { shape: [1, 72] } },
    {
      op: 'fully-connected',
      inputs: ['flat', 'w2', 'b2'],
      outputs: { logits: [1, classes] },
      attributes: { clamp: null },
    },
  ],
);

function planOf(graph: Graph, bits: number): QuantizationPlan {
  const grid = { bits: 8, qMin: -128, qMax: 127 };
  const weights = graph.nodes
    .filter((node) => node.op !== 'reshape')
    .map((node) => {
      const tensor = graph.constants.get(node.inputs[1]!)!;
      const outputs = tensor.shape[0]!;
      const data = tensor.data as Float32Array;
      const size = data.length / outputs;
      const [qMin, qMax] = [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1];
      const scales = Float32Array.from({ length: outputs }, (_, output) => {
        const channel = data.subarray(output * size, (output + 1) * size);
        return Math.sqrt(channel.reduce((sum, value) => sum + value * value, 0) / size) * 2 ** (2 - bits);
      });
      const codes = roundNearest(data, outputs, scales, { qMin, qMax, zeroPoint: 0 });
      return [node.name, { bits, perChannel: true, scales, codes, bias: null }] as const;
    });
  return {
    activations: new Map([
      ['image', { ...grid, scale: Math.fround(1 / 255), zeroPoint: -128 }],
      ['hidden', { ...grid, scale: Math.fround(0.02), zeroPoint: -128 }],
      ['flat', { ...grid, scale: Math.fround(0.02), zeroPoint: -128 }],
      ['logits', { ...grid, scale: Math.fround(0.3), zeroPoint: 0 }],
    ]),
    weights: new Map(weights),
  };
}

const options: FinetuneOptions = {
  ...finetuneDefaults,
  profile: getProfile('cmsis-nn'),
  steps: 120,
  batch: 16,
  learningRate: 0.05,
  labelWeight: 1,
  distillationWeight: 0,
  heldOutShare: 0.25,
  judgeEvery: 20,
  threads: 1,
};
const data = patterns(400, 3);
const plan = planOf(model, 2);
let pool: SimulationPool;

beforeAll(async () => {
  pool = await createSimulationPool({ workers: 1, startWorker: startInlineWorker });
});
afterAll(() => pool.close());

const tune = (over: Partial<FinetuneOptions> = {}, hooks = {}, graph = model, set = data): Promise<FinetuneResult> =>
  finetune(graph, plan, set, { ...options, ...over }, { pool, ...hooks });
const codesOf = (result: FinetuneResult): number[][] =>
  [...result.plan.weights.values()].map(({ codes }) => [...codes]);

test('a random 2-bit network learns the patterns, by alpha-blending and straight through', async () => {
  for (const method of ['alpha-blending', 'straight-through'] as const) {
    const { history } = await tune({ method });
    expect(history.judgements[0]!.accuracy).toBeLessThan(0.6);
    expect(history.best.accuracy, method).toBeGreaterThan(0.9);
    expect(history.stopped).toBe('finished');
    expect(history.losses.length).toBe(120);
  }
});

test('binary weights, learned steps and distillation run too', async () => {
  const binary = await tune({ binaryNodes: ['fully-connected-2'] });
  const codes = binary.plan.weights.get('fully-connected-2')!;
  expect(new Set(codes.codes)).toEqual(new Set([-1, 1]));
  expect(codes.bits).toBe(2);
  expect(binary.history.best.accuracy).toBeGreaterThan(0.8);
  const learned = await tune({ learnSteps: true, steps: 40, labelWeight: 0, distillationWeight: 1 });
  const { activations } = learned.plan;
  expect(activations.get('hidden')!.scale).not.toBe(plan.activations.get('hidden')!.scale);
  expect(activations.get('flat')!.scale).toBe(activations.get('hidden')!.scale);
  expect(learned.history.best.loss).toBeLessThan(learned.history.judgements[0]!.loss);
});

test('the same seed gives the same result, another seed another one', async () => {
  const short = { steps: 30, augmentation: { flip: false, shift: 1 } };
  const [first, again, other] = [await tune(short), await tune(short), await tune({ ...short, seed: 2 })];
  expect(again.history).toEqual(first.history);
  expect(codesOf(again)).toEqual(codesOf(first));
  expect(other.history.losses).not.toEqual(first.history.losses);
});

test('an interrupted run goes on from its checkpoint to the same end', async () => {
  const whole = await tune({ steps: 40 });
  const abort = new AbortController();
  let saved: Uint8Array | undefined;
  const hooks = {
    signal: abort.signal,
    onProgress: ({ step }: { step: number }) => step === 25 && abort.abort(),
    onCheckpoint: (bytes: Uint8Array) => {
      saved = bytes;
    },
  };
  await expect(tune({ steps: 40 }, hooks)).rejects.toMatchObject({ code: 'INTERRUPTED' });
  const resumed = await tune({ steps: 40, checkpointEvery: 7 }, { resume: saved });
  expect(resumed.history).toEqual(whole.history);
  expect(codesOf(resumed)).toEqual(codesOf(whole));

  const other = {
    ...model,
    constants: new Map([...model.constants, ['b1', floatTensor([8], new Float32Array(8).fill(1))]]),
  };
  await expect(tune({ steps: 40 }, { resume: saved }, other)).rejects.toThrow(/another model/);
  await expect(tune({ steps: 41 }, { resume: saved })).rejects.toThrow(/other settings/);
  await expect(tune({ steps: 40 }, { resume: saved!.subarray(0, 900) })).rejects.toMatchObject({
    code: 'FILE_INVALID',
  });
});

test('a diverging run stops and keeps the best state', async () => {
  const { history, plan: kept } = await tune({ learningRate: 100, clipNorm: 1e9, warmup: 0, steps: 400 });
  expect(history.stopped).toBe('diverged');
  expect(history.losses.length).toBeLessThan(400);
  expect(Number.isFinite(history.best.loss)).toBe(true);
  expect(kept.weights.size).toBe(2);
});

test('a run that cannot improve returns the plan as it was given', async () => {
  const result = await tune({ learningRate: 1e-9, steps: 10, startFromCodes: true });
  expect(result.history.best.step).toBe(0);
  expect(result.plan).toBe(plan);
});

test('binary weights stay binary where nothing improved', async () => {
  const result = await tune({ learningRate: 1e-9, steps: 1, binaryNodes: ['conv-0'] });
  expect(new Set(result.plan.weights.get('conv-0')!.codes)).toEqual(new Set([-1, 1]));
});

test('no improvement for a while after the ramp ends the run early', async () => {
  const { history } = await tune({
    learningRate: 1e-9,
    steps: 200,
    judgeEvery: 10,
    patience: 3,
    alpha: { schedule: 'cubic', from: 0, start: 0, end: 0.5, every: 1 },
  });
  expect(history.stopped).toBe('early');
  expect(history.losses.length).toBeLessThan(200);
});

test('bad input is refused before anything starts', async () => {
  await expect(tune({ steps: 0, batch: -1 })).rejects.toThrow(/steps[\s\S]*batch/);
  await expect(tune({ labelWeight: 0, distillationWeight: 0 })).rejects.toThrow(/nothing to learn/);
  const alpha = { ...options.alpha, from: 1 };
  await expect(tune({ alpha, compensation: 0.5 })).rejects.toThrow(/compensation[\s\S]*below 1/);
  await expect(tune({ batch: 512 })).rejects.toMatchObject({ code: 'DATASET_INVALID' });
  await expect(tune({ augmentation: { flip: false, shift: 6 } })).rejects.toThrow(/shift 6/);
  const wrong = { ...data, labels: Int32Array.from(data.labels!, (label, index) => (index === 7 ? 4 : label)) };
  await expect(tune({}, {}, model, wrong)).rejects.toThrow(/sample 7[\s\S]*0 to 3/);
  await expect(tune({}, {}, model, { ...data, labels: null })).rejects.toMatchObject({ code: 'DATASET_INVALID' });
  const odd = {
    ...model,
    nodes: model.nodes.map((node) => (node.op === 'reshape' ? { ...node, op: 'arg-max', name: 'the-odd-one' } : node)),
  };
  await expect(tune({}, {}, odd)).rejects.toThrow(/the-odd-one/);
  const powers = getProfile('esp-dl-s3');
  await expect(tune({ profile: powers, learnSteps: true })).rejects.toMatchObject({ code: 'USAGE' });
});
