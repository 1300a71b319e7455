/** Convolutions of every kind: strides, dilations, pads, groups, left-over rows, one dimension. */
import type { Shape } from '../../../../src/base/tensor.ts';
import type { Attributes } from '../../../../src/graph/graph.ts';
import { randomTensor } from '../training-harness.ts';
import type { GradientCase } from './gradient-case.ts';

const infinity = Number.POSITIVE_INFINITY;

interface ConvolutionSketch {
  readonly op?: 'conv' | 'depthwise-conv' | 'conv-transpose';
  readonly x: Shape;
  readonly w: Shape;
  readonly y: Shape;
  readonly strides?: readonly number[];
  readonly dilations?: readonly number[];
  readonly pads?: readonly number[];
  readonly groups?: number;
  readonly bias?: boolean;
  readonly more?: Attributes;
}

function convolution(title: string, sketch: ConvolutionSketch): GradientCase {
  const { op = 'conv', x, w, y, strides = [1, 1], dilations = [1, 1], pads = [0, 0, 0, 0], groups = 1 } = sketch;
  const bias = sketch.bias === true;
  return {
    title: `${op}: ${title}`,
    op,
    inputs: { x },
    constants: { w: randomTensor(w, 3), ...(bias ? { b: randomTensor([w[0]!], 4) } : {}) },
    order: bias ? ['x', 'w', 'b'] : ['x', 'w'],
    outputs: { y },
    attributes: { strides, dilations, pads, groups, clamp: null, ...sketch.more },
  };
}

export const convolutions: readonly GradientCase[] = [
  convolution('3x3, padded, bias', {
    x: [1, 3, 6, 5],
    w: [4, 3, 3, 3],
    y: [1, 4, 6, 5],
    pads: [1, 1, 1, 1],
    bias: true,
  }),
  convolution('3x3, stride 2, pads only after', {
    x: [1, 3, 8, 8],
    w: [4, 3, 3, 3],
    y: [1, 4, 4, 4],
    strides: [2, 2],
    pads: [0, 0, 1, 1],
  }),
  convolution('3x3, stride 2, last row unused', { x: [1, 3, 8, 9], w: [4, 3, 3, 3], y: [1, 4, 3, 4], strides: [2, 2] }),
  convolution('1x1', { x: [1, 5, 4, 4], w: [3, 5, 1, 1], y: [1, 3, 4, 4] }),
  convolution('1x1, stride 2', { x: [1, 5, 5, 6], w: [3, 5, 1, 1], y: [1, 3, 3, 3], strides: [2, 2] }),
  convolution('dilated, uneven strides', {
    x: [1, 2, 9, 9],
    w: [3, 2, 3, 2],
    y: [1, 3, 3, 8],
    strides: [2, 1],
    dilations: [2, 1],
  }),
  convolution('pads wider than the kernel', { x: [1, 2, 4, 4], w: [3, 2, 2, 2], y: [1, 3, 7, 7], pads: [2, 2, 2, 2] }),
  convolution('groups', {
    x: [1, 4, 5, 5],
    w: [6, 2, 3, 3],
    y: [1, 6, 5, 5],
    pads: [1, 1, 1, 1],
    groups: 2,
    bias: true,
  }),
  convolution('groups, stride 2', {
    x: [1, 4, 5, 5],
    w: [6, 2, 3, 3],
    y: [1, 6, 3, 3],
    pads: [1, 1, 1, 1],
    groups: 2,
    strides: [2, 2],
  }),
  convolution('1-D', { x: [1, 3, 10], w: [4, 3, 1, 3], y: [1, 4, 5], strides: [1, 2], pads: [0, 1, 0, 1] }),
  convolution('fused Relu', {
    x: [1, 3, 5, 5],
    w: [4, 3, 3, 3],
    y: [1, 4, 3, 3],
    bias: true,
    more: { clamp: { min: 0, max: infinity } },
  }),
  convolution('3x3, padded', {
    op: 'depthwise-conv',
    x: [1, 4, 6, 5],
    w: [4, 1, 3, 3],
    y: [1, 4, 6, 5],
    pads: [1, 1, 1, 1],
    bias: true,
  }),
  convolution('stride 2, multiplier 2', {
    op: 'depthwise-conv',
    x: [1, 3, 8, 8],
    w: [6, 1, 3, 3],
    y: [1, 6, 4, 4],
    strides: [2, 2],
    pads: [0, 0, 1, 1],
  }),
  convolution('stride 3, rows left over', {
    op: 'depthwise-conv',
    x: [1, 3, 10, 9],
    w: [3, 1, 2, 2],
    y: [1, 3, 3, 3],
    strides: [3, 3],
  }),
  convolution('dilated', {
    op: 'depthwise-conv',
    x: [1, 3, 8, 8],
    w: [3, 1, 3, 3],
    y: [1, 3, 4, 4],
    dilations: [2, 2],
  }),
  convolution('stride 2', {
    op: 'conv-transpose',
    x: [1, 3, 4, 4],
    w: [2, 3, 3, 3],
    y: [1, 2, 8, 8],
    strides: [2, 2],
    pads: [1, 1, 1, 1],
    bias: true,
    more: { outputPadding: [1, 1] },
  }),
  convolution('groups', {
    op: 'conv-transpose',
    x: [1, 4, 3, 3],
    w: [6, 2, 2, 2],
    y: [1, 6, 6, 6],
    strides: [2, 2],
    groups: 2,
    more: { outputPadding: [0, 0] },
  }),
];
