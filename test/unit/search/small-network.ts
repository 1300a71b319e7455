/** A small random classifier with every kind of layer that the quantizer treats specially, its float statistics, and a pool of one engine. */
import { seededRandom } from '../../../src/base/random.ts';
import { elementCount, type FloatTensor, floatTensor, type Shape, type Tensor } from '../../../src/base/tensor.ts';
import type { Statistics, ValueStatistics } from '../../../src/calibrate/statistics.ts';
import type { Graph, Node } from '../../../src/graph/graph.ts';
import { getOp } from '../../../src/ops/registry.ts';
import type { SimulationPool } from '../../../src/simulate/engine.ts';
import type { RealSamples } from '../../../src/simulate/read-codes.ts';
import { createSampleEngine } from '../../../src/simulate/sample-engine.ts';

const window = { strides: [1, 1], dilations: [1, 1], pads: [1, 1, 1, 1] };
const relu = { min: 0, max: Infinity };

/** conv - depthwise - conv, added to the first conv's output; pooled; classified; softmax. */
export function smallNetwork(seed: number): Graph {
  const random = seededRandom(seed);
  const constants = new Map<string, Tensor>();
  const weights = (name: string, shape: Shape, gain: number): string => {
    constants.set(
      name,
      floatTensor(
        shape,
        Float32Array.from({ length: elementCount(shape) }, () => gain * random.normal()),
      ),
    );
    return name;
  };
  const node = (name: string, op: string, inputs: string[], attributes: Node['attributes'] = {}): Node => ({
    name,
    op,
    inputs,
    outputs: [`${name}.out`],
    attributes,
  });
  const nodes = [
    node('stem', 'conv', ['x', weights('stem.w', [8, 2, 3, 3], 0.3), weights('stem.b', [8], 0.1)], {
      ...window,
      groups: 1,
      clamp: relu,
    }),
    node(
      'spatial',
      'depthwise-conv',
      ['stem.out', weights('spatial.w', [8, 1, 3, 3], 0.4), weights('spatial.b', [8], 0.1)],
      { ...window, clamp: relu },
    ),
    node('mix', 'conv', ['spatial.out', weights('mix.w', [8, 8, 1, 1], 0.5), ''], {
      ...window,
      pads: [0, 0, 0, 0],
      groups: 1,
      clamp: null,
    }),
    node('sum', 'add', ['mix.out', 'stem.out'], { clamp: relu }),
    node('pool', 'global-average-pool', ['sum.out'], { clamp: null }),
    node('flat', 'reshape', ['pool.out'], { shape: [1, 8] }),
    node('head', 'fully-connected', ['flat.out', weights('head.w', [4, 8], 1.2), weights('head.b', [4], 0.1)], {
      clamp: null,
    }),
    node('softmax', 'softmax', ['head.out'], { axis: 1 }),
  ];
  const values = new Map([['x', { name: 'x', dtype: 'float32' as const, shape: [1, 2, 6, 6] as Shape }]]);
  for (const item of nodes) {
    const inputs = item.inputs.flatMap((name) => {
      const constant = constants.get(name);
      const value = values.get(name);
      return value !== undefined
        ? [value]
        : constant === undefined
          ? []
          : [{ name, dtype: constant.dtype, shape: constant.shape }];
    });
    const [shape] = getOp(item.op).inferShapes(item, inputs as never, constants);
    values.set(item.outputs[0], { name: item.outputs[0], dtype: 'float32', shape });
  }
  return { name: 'small', nodes, values, constants, inputs: ['x'], outputs: ['softmax.out'] };
}

/** Random samples [count, 2, 6, 6] with a brightness of their own, so that channel means carry information. */
export function randomSamples(count: number, seed: number): FloatTensor {
  const random = seededRandom(seed);
  const data = new Float32Array(count * 72);
  for (let sample = 0; sample < count; sample++) {
    const level = random.normal();
    for (let index = 0; index < 72; index++) data[sample * 72 + index] = level + random.normal();
  }
  return floatTensor([count, 2, 6, 6], data);
}

/** Samples in memory as a search takes them. */
export function heldSamples({ shape: [samples, ...shape], data }: FloatTensor): RealSamples {
  const width = elementCount(shape);
  const read = async (start: number, count: number) => [
    floatTensor([count, ...shape], data.slice(start * width, (start + count) * width)),
  ];
  return { samples, read };
}

/** Every value of the graph for a batch, by the operators' float references. */
export function runFloat(graph: Graph, samples: FloatTensor): Map<string, FloatTensor> {
  const values = new Map<string, FloatTensor>([['x', samples]]);
  for (const node of graph.nodes) {
    const inputs = node.inputs.map((name) => values.get(name) ?? graph.constants.get(name));
    const batch = node.op === 'reshape' ? { ...node, attributes: { shape: [samples.shape[0], 8] } } : node;
    const [output] = getOp(node.op).runFloat(batch, inputs);
    values.set(node.outputs[0], output);
  }
  return values;
}

export function statisticsOf(graph: Graph, samples: FloatTensor): Statistics {
  const values = runFloat(graph, samples);
  const outputs = new Map(['head.out', 'softmax.out'].map((name) => [name, values.get(name) as FloatTensor]));
  return {
    samples: samples.shape[0],
    values: new Map([...values].map(([name, tensor]) => [name, describe(tensor)])),
    outputs,
  };
}

function describe({ data, shape }: FloatTensor): ValueStatistics {
  const min = data.reduce((least, value) => Math.min(least, value), Infinity);
  const max = data.reduce((most, value) => Math.max(most, value), -Infinity);
  const bins = 2048;
  const binWidth = (max - min) / bins || 1;
  const counts = new Float64Array(bins);
  for (const value of data) counts[Math.min(bins - 1, Math.floor((value - min) / binWidth))]++;
  const channels = shape[1] ?? 1;
  const plane = elementCount(shape.slice(2));
  const channelMean = new Float64Array(channels);
  const channelMeanSquare = new Float64Array(channels);
  const channelMax = new Float64Array(channels);
  data.forEach((value, index) => {
    const channel = Math.floor(index / plane) % channels;
    channelMean[channel] += value / (data.length / channels);
    channelMeanSquare[channel] += value ** 2 / (data.length / channels);
    channelMax[channel] = Math.max(channelMax[channel], Math.abs(value));
  });
  return { min, max, histogram: { lowest: min, binWidth, counts }, channelMean, channelMeanSquare, channelMax };
}

/** The product's engine in this thread: no workers, the same bytes. */
export async function localPool(memoryBytes = 64 * 2 ** 20): Promise<SimulationPool> {
  const engine = await createSampleEngine(memoryBytes, 'fast');
  let samples = 0;
  return {
    workers: 1,
    setInputs: async (batch) => {
      samples = batch.samples;
      engine.setInputs(batch);
    },
    run: async (program, { tensors, first, samples: last = samples } = {}) => engine.run(program, tensors, last, first),
    sumChannels: async (program, tensor, channels, last) => engine.sumChannels(program, tensor, channels, last),
    close: async () => undefined,
  };
}
