/** Input patches, covariances, channel means and bias correction, against the operators' own float references and direct sums. */
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/base/random.ts';
import { elementCount, floatTensor, type Shape, transposeTensor } from '../../../src/base/tensor.ts';
import type { Graph, Node } from '../../../src/graph/graph.ts';
import { getOp } from '../../../src/ops/registry.ts';
import { correctedBias } from '../../../src/quantize/bias-correction.ts';
import {
  emptyPatches,
  gatherPatches,
  type LayerInput,
  type Patches,
  positionsPerSample,
  samplePositions,
} from '../../../src/quantize/input-patches.ts';
import { type LayerGeometry, layerGeometry, tapCoverage } from '../../../src/quantize/layer-geometry.ts';
import { weightedNodes } from '../../../src/quantize/weighted-nodes.ts';
import { covariances } from '../../../src/search/covariances.ts';
import { loadCodeProducts } from '../../../src/simulate/code-products.ts';

const seed = 11;

interface Case {
  readonly title: string;
  readonly op: string;
  readonly input: Shape;
  readonly weight: Shape;
  readonly attributes: Node['attributes'];
}

const window = { strides: [1, 1], dilations: [1, 1], pads: [1, 1, 1, 1], clamp: null };
const cases: readonly Case[] = [
  {
    title: 'a convolution',
    op: 'conv',
    input: [1, 3, 5, 6],
    weight: [4, 3, 3, 3],
    attributes: { ...window, groups: 1 },
  },
  {
    title: 'strides, dilation and uneven padding',
    op: 'conv',
    input: [1, 2, 9, 8],
    weight: [3, 2, 3, 2],
    attributes: { ...window, strides: [2, 1], dilations: [1, 2], pads: [0, 1, 2, 0], groups: 1 },
  },
  { title: 'groups', op: 'conv', input: [1, 4, 4, 4], weight: [6, 2, 3, 3], attributes: { ...window, groups: 2 } },
  {
    title: 'a depthwise convolution with a multiplier',
    op: 'depthwise-conv',
    input: [1, 3, 5, 5],
    weight: [6, 1, 3, 3],
    attributes: window,
  },
  {
    title: 'a 1-D convolution',
    op: 'conv',
    input: [1, 2, 7],
    weight: [3, 2, 1, 3],
    attributes: { strides: [1, 2], dilations: [1, 1], pads: [0, 1, 0, 1], groups: 1, clamp: null },
  },
  {
    title: 'a fully connected layer',
    op: 'fully-connected',
    input: [1, 7],
    weight: [3, 7],
    attributes: { clamp: null },
  },
];

function graphOf({ op, input, weight, attributes }: Case): Graph {
  const random = seededRandom(seed);
  const tensor = (shape: Shape) =>
    floatTensor(
      shape,
      Float32Array.from({ length: elementCount(shape) }, () => random.normal()),
    );
  const node: Node = { name: 'layer', op, inputs: ['x', 'w', 'b'], outputs: ['y'], attributes };
  const constants = new Map([
    ['w', tensor(weight)],
    ['b', tensor([weight[0]])],
  ]);
  const x = { name: 'x', dtype: 'float32' as const, shape: input };
  const inputs = [x, ...[...constants].map(([name, { dtype, shape }]) => ({ name, dtype, shape }))];
  const [shape] = getOp(op).inferShapes(node, inputs, constants);
  const values = new Map([
    ['x', x],
    ['y', { name: 'y', dtype: 'float32' as const, shape }],
  ]);
  return { name: 'one', nodes: [node], values, constants, inputs: ['x'], outputs: ['y'] };
}

/** Random codes in graph order for `samples` samples, and the same as physical codes. */
function randomCodes(shape: Shape, samples: number) {
  const random = seededRandom(seed + 1);
  const all = [samples, ...shape.slice(1)];
  const graphOrder = floatTensor(
    all,
    Float32Array.from({ length: elementCount(all) }, () => random.integer(-8, 7)),
  );
  const axes = all.map((_, axis) => axis);
  const physical = all.length < 3 ? graphOrder : transposeTensor(graphOrder, [0, ...axes.slice(2), 1]);
  return { graphOrder, physical: Int8Array.from(physical.data) };
}

describe.each(cases)('$title', (item) => {
  const graph = graphOf(item);
  const [layer] = weightedNodes(graph);
  const geometry = layerGeometry(graph, layer) as LayerGeometry;
  const samples = 3;
  const scale = 0.25;
  const zeroPoint = -2;
  const { graphOrder, physical } = randomCodes(item.input, samples);
  const real = floatTensor(
    graphOrder.shape,
    graphOrder.data.map((code) => scale * (code - zeroPoint)),
  );
  const input: LayerInput = { codes: physical, first: 0, samples, scale, zeroPoint };
  /** The same samples in two calls. */
  const parts = [0, 1].map((first): LayerInput => {
    const elements = physical.length / samples;
    const count = first === 0 ? 1 : samples - 1;
    return { ...input, codes: physical.subarray(first * elements, (first + count) * elements), first, samples: count };
  });

  it('gathers patches whose products with the weights are the outputs', () => {
    const [output] = getOp(item.op).runFloat({ ...layer.node }, [real, graph.constants.get('w'), undefined]);
    const positions = samplePositions(samples * positionsPerSample(geometry, input), Number.MAX_SAFE_INTEGER, seed);
    const perOutput = geometry.channelsPerGroup * geometry.taps;
    const plane = elementCount(output.shape.slice(2));
    for (let out = 0; out < layer.outputs; out++) {
      const group = Math.floor(out / geometry.outputsPerGroup);
      const patches = emptyPatches(input, perOutput, positions.length);
      for (const part of parts) gatherPatches(patches, geometry, part, group, positions);
      const { n, rows, codes } = patches;
      expect(rows).toBe(samples * plane);
      for (let row = 0; row < rows; row++) {
        let sum = 0;
        for (let k = 0; k < n; k++) sum += scale * (codes[k * rows + row] - zeroPoint) * layer.weights[out * n + k];
        const at = Math.floor(row / plane) * layer.outputs * plane + out * plane + (row % plane);
        expect(sum).toBeCloseTo(output.data[at], 4);
      }
    }
  });

  it('restores the mean output when inputs are spatially uniform', () => {
    // Uniform inputs make the coverage of the taps the whole truth about the borders.
    const level = Float64Array.from({ length: geometry.channels }, (_, channel) => channel - 0.7);
    const quantizedLevel = level.map((value) => 0.9 * value + 0.1);
    const uniform = (values: Float64Array) => {
      const tensor = floatTensor(item.input);
      const plane = elementCount(item.input.slice(2));
      tensor.data.forEach((_, index) => {
        tensor.data[index] = values[Math.floor(index / plane)];
      });
      return tensor;
    };
    const scales = Float32Array.from({ length: layer.outputs }, (_, index) => 0.2 + 0.05 * index);
    const codes = Int8Array.from(layer.weights, (weight) => Math.round(weight * 3));
    const bias = correctedBias(layer, geometry, tapCoverage(geometry), codes, scales, level, quantizedLevel);
    const quantizedWeights = floatTensor(
      item.weight,
      Float32Array.from(codes, (code, index) => code * scales[Math.floor(index / layer.perOutput)]),
    );
    const { runFloat } = getOp(item.op);
    const [expected] = runFloat(layer.node, [uniform(level), graph.constants.get('w'), graph.constants.get('b')]);
    const [seen] = runFloat(layer.node, [
      uniform(quantizedLevel),
      quantizedWeights,
      floatTensor([layer.outputs], bias),
    ]);
    const plane = elementCount(expected.shape.slice(2));
    for (let out = 0; out < layer.outputs; out++) {
      let difference = 0;
      for (let index = out * plane; index < (out + 1) * plane; index++)
        difference += expected.data[index] - seen.data[index];
      expect(difference / plane).toBeCloseTo(0, 4);
    }
  });
});

/** In real units, by the definition. */
function covariance(a: Patches, i: number, b: Patches, j: number): number {
  const centred = ({ codes, rows, scale }: Patches, k: number): number[] => {
    const own = [...codes.subarray(k * rows, (k + 1) * rows)];
    const mean = own.reduce((sum, value) => sum + value, 0) / rows;
    return own.map((value) => scale * (value - mean));
  };
  const right = centred(b, j);
  return centred(a, i).reduce((sum, value, row) => sum + value * right[row], 0) / a.rows;
}

describe('patches', () => {
  it('give covariances of a range of inputs, their own and with those of other patches', async () => {
    const random = seededRandom(seed);
    const products = await loadCodeProducts();
    const [n, rows] = [8, 37];
    const patchesOf = (scale: number) => ({
      n,
      rows,
      scale,
      codes: Int16Array.from({ length: n * rows }, () => random.integer(-255, 255)),
    });
    const [a, b] = [patchesOf(0.5), patchesOf(0.25)];
    for (const other of [a, b]) {
      const matrix = covariances(products, a, other, 1, 6);
      for (let i = 1; i < 6; i++) {
        for (let j = 1; j < 6; j++) expect(matrix[(i - 1) * 5 + (j - 1)]).toBeCloseTo(covariance(a, i, other, j), 6);
      }
    }
  });

  it('draws the same positions for the same seed, all different', () => {
    const first = samplePositions(100 * 30, 500, 3);
    expect(first).toEqual(samplePositions(100 * 30, 500, 3));
    expect(first).not.toEqual(samplePositions(100 * 30, 500, 4));
    expect(new Set(first).size).toBe(500);
    expect(first[499]).toBeLessThan(100 * 30);
  });
});
