/** Products, sums and their broadcasts, batch norm and tables. */
import { randomTensor } from '../training-harness.ts';
import type { GradientCase } from './gradient-case.ts';

const infinity = Number.POSITIVE_INFINITY;

export const products: readonly GradientCase[] = [
  {
    title: 'fully-connected',
    op: 'fully-connected',
    inputs: { x: [1, 6] },
    constants: { w: randomTensor([4, 6], 5), b: randomTensor([4], 6) },
    order: ['x', 'w', 'b'],
    outputs: { y: [1, 4] },
  },
  {
    title: 'fully-connected: three axes, no bias, Relu6',
    op: 'fully-connected',
    inputs: { x: [1, 3, 6] },
    constants: { w: randomTensor([4, 6], 5) },
    order: ['x', 'w'],
    outputs: { y: [1, 3, 4] },
    attributes: { clamp: { min: 0, max: 6 } },
  },
  {
    title: 'mat-mul',
    op: 'mat-mul',
    inputs: { a: [1, 2, 3, 4], b: [1, 2, 4, 5] },
    order: ['a', 'b'],
    outputs: { y: [1, 2, 3, 5] },
  },
  {
    title: 'mat-mul: broadcast',
    op: 'mat-mul',
    inputs: { a: [1, 2, 3, 4], b: [1, 1, 4, 5] },
    order: ['a', 'b'],
    outputs: { y: [1, 2, 3, 5] },
  },
  {
    title: 'add',
    op: 'add',
    inputs: { a: [1, 3, 4], b: [1, 3, 4] },
    order: ['a', 'b'],
    outputs: { y: [1, 3, 4] },
    attributes: { clamp: { min: 0, max: infinity } },
  },
  {
    title: 'add: broadcast constant',
    op: 'add',
    inputs: { a: [1, 3, 4] },
    constants: { c: randomTensor([3, 1], 7) },
    order: ['a', 'c'],
    outputs: { y: [1, 3, 4] },
  },
  {
    title: 'sub: broadcast value',
    op: 'sub',
    inputs: { a: [1, 3, 1], b: [1, 3, 4] },
    order: ['a', 'b'],
    outputs: { y: [1, 3, 4] },
  },
  {
    title: 'mul: squeeze and excite',
    op: 'mul',
    inputs: { a: [1, 3, 2, 2], b: [1, 3, 1, 1] },
    order: ['a', 'b'],
    outputs: { y: [1, 3, 2, 2] },
  },
  {
    title: 'prelu',
    op: 'prelu',
    inputs: { x: [1, 3, 4] },
    constants: { slope: randomTensor([3, 1], 8) },
    order: ['x', 'slope'],
    outputs: { y: [1, 3, 4] },
  },
  {
    title: 'batch-normalization',
    op: 'batch-normalization',
    inputs: { x: [1, 3, 4, 4] },
    constants: {
      scale: randomTensor([3], 9),
      bias: randomTensor([3], 10),
      mean: randomTensor([3], 11),
      variance: randomTensor([3], 12),
    },
    frozen: ['mean', 'variance'],
    order: ['x', 'scale', 'bias', 'mean', 'variance'],
    outputs: { y: [1, 3, 4, 4] },
    attributes: { epsilon: 1e-3 },
  },
  {
    title: 'gather',
    op: 'gather',
    inputs: { i: [1, 3] },
    integers: { i: 4 },
    constants: { table: randomTensor([4, 5], 13) },
    order: ['table', 'i'],
    outputs: { y: [1, 3, 5] },
  },
];
