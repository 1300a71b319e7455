/** A small residual network with one of everything that the first models need, and a plan from its float ranges: for whole-flow tests. */
import { seededRandom } from '../../src/base/random.ts';
import { elementCount, floatTensor, type Shape, type Tensor } from '../../src/base/tensor.ts';
import type { Attributes, Graph, Node } from '../../src/graph/graph.ts';
import {
  type ActivationQuantization,
  codeRange,
  type QuantizationPlan,
  type WeightQuantization,
} from '../../src/graph/quantization-plan.ts';
import { getOp } from '../../src/ops/registry.ts';

const relu = { min: 0, max: Number.POSITIVE_INFINITY };
const geometry = { strides: [1, 1], dilations: [1, 1], pads: [1, 1, 1, 1] };

export function smallNetwork(seed: number): Graph {
  const random = seededRandom(seed);
  const constants = new Map<string, Tensor>();
  const weight = (name: string, shape: Shape): string => {
    const fan = elementCount(shape.slice(1));
    constants.set(
      name,
      floatTensor(
        shape,
        Float32Array.from({ length: elementCount(shape) }, () => random.normal() / Math.sqrt(fan)),
      ),
    );
    return name;
  };
  const node = (name: string, op: string, inputs: string[], attributes: Attributes = {}): Node => ({
    name,
    op,
    inputs,
    outputs: [`${name}.out`],
    attributes,
  });
  const nodes: Node[] = [
    node('stem', 'conv', ['image', weight('w1', [6, 3, 3, 3]), weight('b1', [6])], {
      ...geometry,
      groups: 1,
      clamp: relu,
    }),
    node('spatial', 'depthwise-conv', ['stem.out', weight('w2', [6, 1, 3, 3]), weight('b2', [6])], {
      ...geometry,
      clamp: relu,
    }),
    node('mix', 'conv', ['spatial.out', weight('w3', [6, 6, 1, 1]), weight('b3', [6])], {
      ...geometry,
      pads: [0, 0, 0, 0],
      groups: 1,
      clamp: null,
    }),
    node('join', 'add', ['stem.out', 'mix.out'], { clamp: relu }),
    node('shrink', 'max-pool', ['join.out'], {
      kernel: [2, 2],
      strides: [2, 2],
      dilations: [1, 1],
      pads: [0, 0, 0, 0],
      clamp: null,
    }),
    node('mean', 'global-average-pool', ['shrink.out'], { clamp: null }),
    node('flat', 'reshape', ['mean.out'], { shape: [1, 6] }),
    node('dense', 'fully-connected', ['flat.out', weight('w4', [5, 6]), weight('b4', [5])], { clamp: null }),
    node('soft', 'softmax', ['dense.out'], { axis: 1 }),
  ];
  const values = new Map([['image', { name: 'image', dtype: 'float32' as const, shape: [1, 3, 7, 5] as Shape }]]);
  for (const current of nodes) {
    const inputs = current.inputs.filter((name) => values.has(name)).map((name) => values.get(name)!);
    const described = current.inputs.map(
      (name) => values.get(name) ?? { name, dtype: 'float32' as const, shape: constants.get(name)!.shape },
    );
    const shapes = getOp(current.op).inferShapes(
      current,
      described.length > inputs.length ? described : inputs,
      constants,
    );
    current.outputs.forEach((name, index) => {
      values.set(name, { name, dtype: 'float32', shape: shapes[index]! });
    });
  }
  return { name: 'small', nodes, values, constants, inputs: ['image'], outputs: ['soft.out'] };
}

/** Every value of the graph for one input, by the ops' float references. */
export function runFloatGraph(graph: Graph, image: Tensor): Map<string, Tensor> {
  const known = new Map<string, Tensor>([...graph.constants, ['image', image]]);
  for (const node of graph.nodes) {
    const outputs = getOp(node.op).runFloat(
      node,
      node.inputs.map((name) => known.get(name)),
    );
    node.outputs.forEach((name, index) => {
      known.set(name, outputs[index]!);
    });
  }
  return known;
}

/** Min-max activations (tied ones together) and per-channel max-abs weights. */
export function rangePlan(graph: Graph, samples: readonly Map<string, Tensor>[], weightBits: number): QuantizationPlan {
  const activations = new Map<string, ActivationQuantization>();
  for (const name of graph.values.keys()) {
    const all = samples.flatMap((sample) => Array.from(sample.get(name)!.data as Float32Array));
    const low = Math.min(0, ...all);
    const high = Math.max(0, ...all);
    const scale = Math.fround((high - low) / 255);
    activations.set(name, {
      bits: 8,
      scale,
      zeroPoint: Math.max(-128, Math.min(127, Math.round(-128 - low / scale))),
      ...codeRange(8),
    });
  }
  for (const [target, source] of [
    ['shrink.out', 'join.out'],
    ['flat.out', 'mean.out'],
  ] as const)
    activations.set(target, activations.get(source)!);
  activations.set('soft.out', { bits: 8, scale: 1 / 256, zeroPoint: -128, ...codeRange(8) });
  const weights = new Map<string, WeightQuantization>();
  for (const node of graph.nodes) {
    const tensor = graph.constants.get(node.inputs[1] ?? '');
    if (tensor === undefined) continue;
    const outputs = tensor.shape[0]!;
    const size = tensor.data.length / outputs;
    const { qMin, qMax } = codeRange(weightBits);
    const scales = Float32Array.from(
      { length: outputs },
      (_, channel) =>
        Math.max(
          ...Array.from((tensor.data as Float32Array).subarray(channel * size, (channel + 1) * size), Math.abs),
        ) / qMax,
    );
    const codes = Int8Array.from(tensor.data as Float32Array, (value, index) =>
      Math.max(qMin, Math.min(qMax, Math.round(value / scales[Math.floor(index / size)]!))),
    );
    weights.set(node.name, { bits: weightBits, perChannel: true, scales, codes, bias: null });
  }
  return { activations, weights };
}
