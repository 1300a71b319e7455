/** Channel equalization: the network computes what it did (onnxruntime says), and the factors are those of a case worked out by hand. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/base/random.ts';
import { floatTensor, type Tensor } from '../../../src/base/tensor.ts';
import { createFloatEngine } from '../../../src/calibrate/float-engine.ts';
import type { Statistics, ValueStatistics } from '../../../src/calibrate/statistics.ts';
import type { FusedClamp, Graph, Node } from '../../../src/graph/graph.ts';
import { importOnnx } from '../../../src/onnx/import-onnx.ts';
import { equalizeChannels } from '../../../src/quantize/equalize-channels.ts';
import { rewrite } from '../../../src/rewrites/rewrite.ts';

const eightBits = { weights: () => 8, activation: () => 8 };

function statisticsOf(
  values: Readonly<Record<string, { max: readonly number[]; meanSquare: readonly number[] }>>,
): Statistics {
  const described = Object.entries(values).map(([name, { max, meanSquare }]): [string, ValueStatistics] => [
    name,
    {
      min: 0,
      max: Math.max(...max),
      histogram: { lowest: 0, binWidth: 1, counts: Float64Array.of(1) },
      channelMean: Float64Array.from(max, () => 0),
      channelMeanSquare: Float64Array.from(meanSquare),
      channelMax: Float64Array.from(max),
    },
  ]);
  return { samples: 2, values: new Map(described), outputs: new Map() };
}

const window = { strides: [1, 1], dilations: [1, 1], pads: [0, 0, 0, 0] };

/** x -> first layer, 1x1, two channels -> `a` -> second layer -> y. */
function chain(
  second: Pick<Node, 'op' | 'attributes'>,
  weights: Tensor,
  clamp: FusedClamp | null,
  first: Tensor = floatTensor([2, 2, 1, 1], Float32Array.of(1, 0.5, -0.25, 2)),
): Graph {
  const shape = [1, 2, 2, 2];
  const value = (name: string, channels: number) =>
    [name, { name, dtype: 'float32', shape: [1, channels, 2, 2] }] as const;
  return {
    name: 'chain',
    inputs: ['x'],
    outputs: ['y'],
    nodes: [
      {
        name: 'first',
        op: first.shape[1] === 1 ? 'depthwise-conv' : 'conv',
        inputs: ['x', 'w1', 'b1'],
        outputs: ['a'],
        attributes: { ...window, groups: 1, clamp: clamp as unknown as null },
      },
      { name: 'second', inputs: ['a', 'w2', ''], outputs: ['y'], ...second },
    ],
    values: new Map([value('x', shape[1]!), value('a', 2), value('y', weights.shape[0]!)]),
    constants: new Map<string, Tensor>([
      ['w1', first],
      ['b1', floatTensor([2], Float32Array.of(0.5, 1))],
      ['w2', weights],
    ]),
  };
}

const depthwise = { op: 'depthwise-conv', attributes: { ...window, clamp: null } };
const dense = { op: 'conv', attributes: { ...window, groups: 1, clamp: null } };
const perChannel = floatTensor([2, 1, 1, 1], Float32Array.of(1, 2));
const relu = { min: 0, max: Infinity };

const dataOf = (graph: Graph, node: string, input: number): number[] => {
  const found = graph.nodes.find(({ name }) => name === node)!;
  return [...(graph.constants.get(found.inputs[input]!)!.data as Float32Array)];
};

describe('equalizing channels', () => {
  it('gives every channel in front of a depthwise layer the loudest one’s range, which costs nothing', () => {
    const graph = chain(depthwise, floatTensor([2, 1, 1, 1], Float32Array.of(3, 5)), relu);
    const equalized = equalizeChannels(graph, statisticsOf({ a: { max: [8, 2], meanSquare: [4, 1] } }), eightBits);
    expect(dataOf(equalized, 'first', 1)).toEqual([1, 0.5, -1, 8]);
    expect(dataOf(equalized, 'first', 2)).toEqual([0.5, 4]);
    expect(dataOf(equalized, 'second', 1)).toEqual([3, 1.25]);
  });

  it('balances the noise saved against the noise made in front of a dense layer', () => {
    // Activation step 15 / 15 = 1; weight rows (7, 1) and (1, 1) at 4 bits have steps 1 and 1/7.
    // Channel 1: saved 1 * (1 + 1) = 2; made 0.0064 * (1 + 1/49) = 0.00653; factor (2 / 0.00653) ^ (1/4) = 4.183, below 15 / 3 = 5.
    const graph = chain(dense, floatTensor([2, 2, 1, 1], Float32Array.of(7, 1, 1, 1)), relu, perChannel);
    const statistics = statisticsOf({ a: { max: [15, 3], meanSquare: [100, 0.0064] } });
    const equalized = equalizeChannels(graph, statistics, { weights: () => 4, activation: () => 4 });
    const factor = (2 / (0.0064 * (1 + 1 / 49))) ** 0.25;
    expect(dataOf(equalized, 'first', 2)[0]).toBe(0.5);
    expect(dataOf(equalized, 'first', 2)[1]).toBeCloseTo(factor, 5);
    expect(dataOf(equalized, 'second', 1)[3]).toBeCloseTo(1 / factor, 6);
  });

  it('leaves channels alone where scaling would cost more than it saves', () => {
    const graph = chain(dense, floatTensor([1, 2, 1, 1], Float32Array.of(7, 1)), relu, perChannel);
    const statistics = statisticsOf({ a: { max: [15, 5], meanSquare: [100, 20] } });
    expect(equalizeChannels(graph, statistics, { weights: () => 2, activation: () => 8 })).toBe(graph);
  });

  it('does not scale up a nearly dead channel without limit', () => {
    const graph = chain(depthwise, floatTensor([2, 1, 1, 1], Float32Array.of(3, 5)), relu);
    const equalized = equalizeChannels(graph, statisticsOf({ a: { max: [8, 0], meanSquare: [4, 0] } }), eightBits);
    expect(dataOf(equalized, 'first', 2)).toEqual([0.5, 32]);
  });

  it.each([
    ['a chain of dense layers', chain(dense, floatTensor([1, 2, 1, 1], Float32Array.of(7, 1)), relu)],
    [
      'an activation that does not start at zero',
      chain(depthwise, floatTensor([2, 1, 1, 1], Float32Array.of(3, 5)), { min: -1, max: 1 }),
    ],
    [
      'an output of the graph',
      { ...chain(depthwise, floatTensor([2, 1, 1, 1], Float32Array.of(3, 5)), relu), outputs: ['y', 'a'] },
    ],
  ])('leaves %s as it is', (_, graph) => {
    expect(equalizeChannels(graph, statisticsOf({ a: { max: [8, 2], meanSquare: [4, 1] } }), eightBits)).toBe(graph);
  });

  it('changes nothing that the demo model computes', async () => {
    const seed = Number(process.env.SEED ?? Date.now() % 1e6);
    const random = seededRandom(seed);
    const graph = rewrite(importOnnx(readFileSync('models/demo-mnist.onnx'), { name: 'demo' }));
    const ranges = [...graph.values.values()].map(({ name, shape }) => {
      const max = Array.from({ length: shape[1] ?? 1 }, () => 6 * (0.05 + 0.95 * random.next()));
      return [name, { max, meanSquare: max.map((value) => value ** 2 / 9) }];
    });
    const equalized = equalizeChannels(graph, statisticsOf(Object.fromEntries(ranges)), {
      weights: () => 8,
      activation: () => 4,
    });
    expect(equalized.nodes.filter((node, index) => node !== graph.nodes[index]).length).toBeGreaterThan(3);
    // A clamp from above would bite elsewhere, for these ranges are made up: compared without it.
    const open = (all: Graph): Graph => ({
      ...all,
      nodes: all.nodes.map((node) =>
        node.attributes.clamp == null ? node : { ...node, attributes: { ...node.attributes, clamp: relu } },
      ),
    });
    const input = floatTensor(
      [4, 1, 28, 28],
      Float32Array.from({ length: 4 * 784 }, () => random.next()),
    );
    const [before, after] = await Promise.all([graph, equalized].map((each) => run(open(each), input)));
    for (const [index, value] of before!.entries()) expect(after![index], `seed ${seed}`).toBeCloseTo(value, 4);
  });
});

async function run(graph: Graph, input: Tensor): Promise<Float32Array> {
  const engine = await createFloatEngine(graph);
  try {
    return (await engine.run([input])).get(graph.outputs[0]!)!.data as Float32Array;
  } finally {
    await engine.close();
  }
}
