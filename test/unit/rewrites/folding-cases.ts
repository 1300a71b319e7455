/** Cases of the rewrites that fold one node into the weights, bias or padding of another. */
import { floatScalar, intVector, type OnnxBuilder } from '../../../src/onnx/onnx-builder.ts';
import type { RewriteCase } from './rewrite-case.ts';

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

export const foldingCases: readonly RewriteCase[] = [
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
];
