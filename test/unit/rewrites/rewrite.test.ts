/** Every rewrite on a small model: what remains of the graph, and that onnxruntime computes the same from it as from the original. */
import { expect, test } from 'vitest';
import { seededRandom } from '../../../src/base/random.ts';
import type { Tensor } from '../../../src/base/tensor.ts';
import { createFloatEngine } from '../../../src/calibrate/float-engine.ts';
import { printGraph } from '../../../src/graph/print-graph.ts';
import { importOnnx } from '../../../src/onnx/import-onnx.ts';
import { createOnnxBuilder, floatScalar, intVector, type OnnxBuilder } from '../../../src/onnx/onnx-builder.ts';
import { rewrite } from '../../../src/rewrites/rewrite.ts';

interface Case {
  readonly name: string;
  readonly shape: readonly number[];
  /** IR ops left, with `+clamp` where one is fused. */
  readonly left: readonly string[];
  build(b: OnnxBuilder, random: (name: string, shape: number[], low?: number) => string): void;
}

const pads = (...values: number[]) => ({ pads: { ints: values } });
const normalization = (
  b: OnnxBuilder,
  random: (name: string, shape: number[], low?: number) => string,
  input: string,
  output: string,
  channels: number,
): void =>
  b.node(
    'BatchNormalization',
    [input, random('g', [channels]), random('beta', [channels]), random('m', [channels]), random('v', [channels], 0.1)],
    [output],
    { name: 'bn' },
  );

const cases: Case[] = [
  {
    name: 'batch norm after a convolution, then Relu',
    shape: [3, 6, 6],
    left: ['conv+clamp'],
    build: (b, random) => {
      b.node('Conv', ['x', random('w', [4, 3, 3, 3])], ['c'], { name: 'conv', attributes: pads(1, 1, 1, 1) });
      normalization(b, random, 'c', 'n', 4);
      b.node('Relu', ['n'], ['y'], { name: 'relu' });
    },
  },
  {
    name: 'batch norm after a depthwise convolution with bias',
    shape: [3, 6, 6],
    left: ['depthwise-conv'],
    build: (b, random) => {
      b.node('Conv', ['x', random('w', [6, 1, 3, 3]), random('c', [6])], ['c1'], {
        name: 'conv',
        attributes: { group: { int: 3 } },
      });
      normalization(b, random, 'c1', 'y', 6);
    },
  },
  {
    name: 'batch norm after a dense layer and after a transposed convolution',
    shape: [4, 2, 2],
    left: ['conv-transpose', 'reshape', 'fully-connected'],
    build: (b, random) => {
      b.node('ConvTranspose', ['x', random('w', [4, 2, 2, 2])], ['t'], {
        name: 't',
        attributes: { group: { int: 2 } },
      });
      b.node(
        'BatchNormalization',
        ['t', random('g1', [4]), random('b1', [4]), random('m1', [4]), random('v1', [4], 0.1)],
        ['n'],
        { name: 'bn1' },
      );
      b.node('Flatten', ['n'], ['f'], { name: 'f' });
      b.node('Gemm', ['f', random('d', [36, 5])], ['g0'], { name: 'g0' });
      normalization(b, random, 'g0', 'y', 5);
    },
  },
  {
    name: 'batch norm before an unpadded grouped convolution',
    shape: [4, 5, 5],
    left: ['conv'],
    build: (b, random) => {
      normalization(b, random, 'x', 'n', 4);
      b.node('Conv', ['n', random('w', [6, 2, 3, 3]), random('c', [6])], ['y'], {
        name: 'conv',
        attributes: { group: { int: 2 } },
      });
    },
  },
  {
    name: 'batch norm before a padded convolution stays exact at the border',
    shape: [3, 5, 5],
    left: ['depthwise-conv', 'conv'],
    build: (b, random) => {
      normalization(b, random, 'x', 'n', 3);
      b.node('Conv', ['n', random('w', [2, 3, 3, 3])], ['y'], { name: 'conv', attributes: pads(1, 1, 1, 1) });
    },
  },
  {
    name: 'batch norm after a value that others read too',
    shape: [3, 4, 4],
    left: ['conv', 'depthwise-conv', 'add'],
    build: (b, random) => {
      b.node('Conv', ['x', random('w', [3, 3, 1, 1])], ['c'], { name: 'conv' });
      normalization(b, random, 'c', 'n', 3);
      b.node('Add', ['n', 'c'], ['y'], { name: 'sum' });
    },
  },
  {
    name: 'MatMul + Add is a dense layer with a bias',
    shape: [5, 6],
    left: ['fully-connected+clamp'],
    build: (b, random) => {
      b.node('MatMul', ['x', random('w', [6, 3])], ['m'], { name: 'm' });
      b.node('Add', [random('c', [3]), 'm'], ['s'], { name: 's' });
      b.node('Relu', ['s'], ['y'], { name: 'r' });
    },
  },
  {
    name: 'scale layers after a convolution, constant minus value, before and after',
    shape: [2, 4, 4],
    left: ['conv'],
    build: (b, random) => {
      b.node('Mul', ['x', random('k', [2, 1, 1])], ['scaled'], { name: 'k' });
      b.node('Conv', ['scaled', random('w', [3, 2, 3, 3])], ['c'], { name: 'conv', attributes: pads(1, 1, 1, 1) });
      b.node('Mul', ['c', random('s', [1, 3, 1, 1])], ['m'], { name: 's' });
      b.node('Sub', [b.constant('one', floatScalar(1)), 'm'], ['y'], { name: 'd' });
    },
  },
  {
    name: 'an addition before a padded convolution stays',
    shape: [2, 4, 4],
    left: ['sub', 'conv'],
    build: (b, random) => {
      b.node('Sub', ['x', random('mean', [2, 1, 1])], ['c'], { name: 'center' });
      b.node('Div', ['c', random('std', [2, 1, 1], 0.5)], ['n'], { name: 'scale' });
      b.node('Conv', ['n', random('w', [2, 2, 3, 3])], ['y'], { name: 'conv', attributes: pads(1, 1, 1, 1) });
    },
  },
  {
    name: 'Pad into the convolution after it, 1-D too; not into a pool, not with a value',
    shape: [2, 6, 6],
    left: ['conv', 'pad', 'max-pool', 'pad', 'conv', 'reshape', 'conv'],
    build: (b, random) => {
      b.node('Pad', ['x', b.constant('p1', intVector([0, 0, 1, 0, 0, 0, 2, 1]))], ['a'], { name: 'p1' });
      b.node('Conv', ['a', random('w', [2, 2, 3, 3])], ['b'], {
        name: 'c1',
        attributes: { ...pads(0, 1, 0, 0), strides: { ints: [2, 2] } },
      });
      b.node('Pad', ['b', b.constant('p2', intVector([0, 0, 1, 1, 0, 0, 0, 0]))], ['c'], { name: 'p2' });
      b.node('MaxPool', ['c'], ['d'], { name: 'pool', attributes: { kernel_shape: { ints: [2, 2] } } });
      b.node(
        'Pad',
        ['d', b.constant('p3', intVector([0, 0, 1, 1, 0, 0, 1, 1])), b.constant('v', floatScalar(1))],
        ['e'],
        { name: 'p3' },
      );
      b.node('Conv', ['e', random('w2', [3, 2, 3, 3])], ['f'], { name: 'c2' });
      b.node('Reshape', ['f', b.constant('s', intVector([0, 3, -1]))], ['g'], { name: 'flat' });
      b.node('Pad', ['g', b.constant('p4', intVector([0, 0, 2, 0, 0, 1]))], ['h'], { name: 'p4' });
      b.node('Conv', ['h', random('w3', [2, 3, 3])], ['y'], { name: 'c3' });
    },
  },
  {
    name: 'clamps: composed, moved above a pool and a reshape, not across a second reader',
    shape: [3, 4, 4],
    left: ['conv+clamp', 'max-pool', 'reshape', 'add', 'clamp', 'sub'],
    build: (b, random) => {
      b.node('Conv', ['x', random('w', [3, 3, 1, 1])], ['c'], { name: 'conv' });
      b.node('Relu', ['c'], ['r'], { name: 'r' });
      b.node('MaxPool', ['r'], ['p'], {
        name: 'pool',
        attributes: { kernel_shape: { ints: [2, 2] }, strides: { ints: [2, 2] } },
      });
      b.node('Flatten', ['p'], ['f'], { name: 'f' });
      b.node('Clip', ['f', b.constant('low', floatScalar(-1)), b.constant('high', floatScalar(0.5))], ['k'], {
        name: 'k',
      });
      b.node('Clip', ['k', b.constant('low2', floatScalar(-0.5))], ['k2'], { name: 'k2' });
      b.node('Add', ['k2', 'k2'], ['s'], { name: 's' });
      b.node('Relu', ['s'], ['q'], { name: 'q' });
      b.node('Sub', ['q', 's'], ['y'], { name: 'unused by none' });
    },
  },
  {
    name: 'an average over the whole image is a global one, a smaller window is not',
    shape: [2, 6, 5],
    left: ['average-pool', 'global-average-pool'],
    build: (b) => {
      b.node('AveragePool', ['x'], ['a'], { name: 'a', attributes: { kernel_shape: { ints: [2, 2] } } });
      b.node('AveragePool', ['a'], ['y'], { name: 'b', attributes: { kernel_shape: { ints: [5, 4] } } });
    },
  },
  {
    name: 'slices of slices',
    shape: [7, 11],
    left: ['slice'],
    build: (b) => {
      const list = (name: string, ...values: number[]): string => b.constant(name, intVector(values));
      b.node('Slice', ['x', list('b1', 1, 0), list('e1', 7, 11), list('a1', 1, 2), list('s1', 2, 1)], ['p'], {
        name: 'p',
      });
      b.node('Slice', ['p', list('b2', 1, 1), list('e2', 3, 11), list('a2', 1, 2), list('s2', 1, 2)], ['q'], {
        name: 'q',
      });
      b.node('Slice', ['q', list('b3', 1), list('e3', 4), list('a3', 2), list('s3', 2)], ['y'], { name: 'r' });
    },
  },
  {
    name: 'dead branches and reshapes of reshapes',
    shape: [2, 6],
    left: ['reshape', 'clamp'],
    build: (b) => {
      b.node('Reshape', ['x', b.constant('s1', intVector([0, 3, 4]))], ['a'], { name: 'a' });
      b.node('Reshape', ['a', b.constant('s2', intVector([0, 4, 3]))], ['c'], { name: 'c' });
      b.node('Sigmoid', ['c'], ['dead'], { name: 'dead' });
      b.node('Relu', ['c'], ['y'], { name: 'r' });
    },
  },
];
const label = (op: string, clamp: unknown): string => (op !== 'clamp' && clamp != null ? `${op}+clamp` : op);

test.each(cases.map((entry) => [entry.name, entry] as const))('%s', async (_name, entry) => {
  const random = seededRandom(7);
  const builder = createOnnxBuilder();
  builder.input('x', 'float32', ['N', ...entry.shape]);
  entry.build(builder, (name, shape, low = -1) => {
    const data = Float32Array.from({ length: shape.reduce((a, c) => a * c, 1) }, () => low + random.next() * (1 - low));
    return builder.constant(name, { dtype: 'float32', shape, data });
  });
  builder.output('y', 'float32', []);
  const bytes = builder.finish({ opset: 13, name: 'test' });
  const graph = rewrite(importOnnx(bytes));
  expect(
    graph.nodes.map((node) => label(node.op, node.attributes.clamp)),
    printGraph(graph),
  ).toEqual(entry.left);
  const count = entry.shape.reduce((a, c) => a * c, 2);
  const input: Tensor = {
    dtype: 'float32',
    shape: [2, ...entry.shape],
    data: Float32Array.from({ length: count }, () => random.normal()),
  };
  const [original, rewritten] = await Promise.all(
    [bytes, graph].map(async (model) => {
      const engine = await createFloatEngine(model, { threads: 1 });
      const outputs = await engine.run([input]);
      await engine.close();
      return outputs.get('y')!.data as Float32Array;
    }),
  );
  expect(rewritten!.length).toBe(original!.length);
  const worst = original!.reduce((most, value, index) => Math.max(most, Math.abs(value - rewritten![index]!)), 0);
  expect(worst).toBeLessThan(2e-5);
});
