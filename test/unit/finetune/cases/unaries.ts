/** Functions of one value, and softmax. */
import type { Attributes } from '../../../../src/graph/graph.ts';
import type { GradientCase } from './gradient-case.ts';

const infinity = Number.POSITIVE_INFINITY;

function unary(op: string, attributes: Attributes = {}, positive = false): GradientCase {
  return { title: op, op, inputs: { x: [1, 3, 4] }, order: ['x'], outputs: { y: [1, 3, 4] }, attributes, positive };
}

export const unaries: readonly GradientCase[] = [
  ...['sigmoid', 'tanh', 'softplus', 'mish', 'erf', 'gelu', 'exp', 'abs', 'neg', 'hard-swish', 'requantize'].map((op) =>
    unary(op),
  ),
  unary('sqrt', {}, true),
  unary('leaky-relu', { alpha: 0.1 }),
  unary('elu', { alpha: 0.7 }),
  unary('hard-sigmoid', { alpha: 0.2, beta: 0.5 }),
  unary('softmax', { axis: 1 }),
  unary('softmax', { axis: 2 }),
  { ...unary('clamp', { clamp: { min: 0, max: infinity } }), title: 'clamp: Relu' },
  { ...unary('clamp', { clamp: { min: -0.5, max: 0.9 } }), title: 'clamp: two bounds' },
];
