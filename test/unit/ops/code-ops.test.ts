/** The two ops that only quantized models have, worked by hand in reals and in codes. */
import { expect, test } from 'vitest';
import { getProfile } from '../../../src/arithmetic/registry.ts';
import { floatTensor } from '../../../src/base/tensor.ts';
import type { Graph, Node } from '../../../src/graph/graph.ts';
import { lower } from '../../../src/lower/lower.ts';
import { getOp } from '../../../src/ops/registry.ts';
import { runReference } from '../../../src/simulate/reference-engine.ts';

const profile = getProfile('onnxruntime');
const grid = (scale: number, zeroPoint: number) => ({ bits: 8, scale, zeroPoint, qMin: -128, qMax: 127 });

function graphOf(node: Node, constants: Graph['constants']): Graph {
  const values = new Map(['x', 'y'].map((name) => [name, { name, dtype: 'float32' as const, shape: [1, 4] }] as const));
  return { name: 'g', nodes: [node], values, constants, inputs: ['x'], outputs: ['y'] };
}

test('code-table: reals through the codes of both grids', () => {
  // Entry of code c is -c: code 12 (real 0.5 * (12 - 2) = 5) becomes code -12, real 0.25 * (-12 - 4) = -4.
  const table = { dtype: 'int8', shape: [256], data: Int8Array.from({ length: 256 }, (_, at) => 128 - at) } as const;
  const attributes = { inputScale: 0.5, inputZeroPoint: 2, outputScale: 0.25, outputZeroPoint: 4 };
  const node = { name: 'n', op: 'code-table', inputs: ['x', 't'], outputs: ['y'], attributes };
  const real = getOp('code-table').runFloat(node, [floatTensor([1, 4], Float32Array.of(5, -1, 0, 1000)), table]);
  expect([...real[0]!.data]).toEqual([-4, -1, -1.5, 0.25 * (-127 - 4)]);
  const activations = new Map([
    ['x', grid(0.5, 2)],
    ['y', grid(0.25, 4)],
  ]);
  const program = lower(graphOf(node, new Map([['t', table]])), { activations, weights: new Map() }, profile);
  expect([...runReference(program, [Int8Array.of(12, 0, 2, 127)])[0]!]).toEqual([-12, 0, -2, -127]);
});

test('rescale: reals by a factor, codes as they are and nothing to run', () => {
  const node = { name: 'n', op: 'rescale', inputs: ['x'], outputs: ['y'], attributes: { factor: 4 } };
  const real = getOp('rescale').runFloat(node, [floatTensor([1, 4], Float32Array.of(1, -2, 0, 0.5))]);
  expect([...real[0]!.data]).toEqual([4, -8, 0, 2]);
  const activations = new Map([
    ['x', grid(0.5, 2)],
    ['y', grid(2, 2)],
  ]);
  const program = lower(graphOf(node, new Map()), { activations, weights: new Map() }, profile);
  expect(program.operations).toEqual([]);
  expect([...runReference(program, [Int8Array.of(1, -5, 0, 127)])[0]!]).toEqual([1, -5, 0, 127]);
});
