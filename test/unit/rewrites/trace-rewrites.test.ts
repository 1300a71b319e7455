/** Where the nodes of a file go that rewriting takes away. */
import { expect, test } from 'vitest';
import { importOnnx } from '../../../src/onnx/import-onnx.ts';
import { createOnnxBuilder, floatScalar, type OnnxBuilder } from '../../../src/onnx/onnx-builder.ts';
import { traceRewrites } from '../../../src/rewrites/trace-rewrites.ts';

function trace(build: (b: OnnxBuilder) => void) {
  const builder = createOnnxBuilder();
  builder.input('x', 'float32', ['N', 2, 4, 4]);
  build(builder);
  builder.output('y', 'float32', []);
  return traceRewrites(importOnnx(builder.finish({ opset: 13, name: 'test' })));
}

const ones = (shape: readonly number[]) => ({
  dtype: 'float32' as const,
  shape,
  data: new Float32Array(shape.reduce((product, size) => product * size, 1)).fill(1),
});

function conv(b: OnnxBuilder, input: string, output: string): void {
  b.constant('w', ones([2, 2, 1, 1]));
  b.node('Conv', [input, 'w'], [output], { name: 'conv' });
}

test('batch norm and clamp end in the convolution before them', () => {
  const { graph, steps, removed } = trace((b) => {
    conv(b, 'x', 'c');
    for (const name of ['scale', 'bias', 'mean', 'variance']) b.constant(name, ones([2]));
    b.node('BatchNormalization', ['c', 'scale', 'bias', 'mean', 'variance'], ['n'], { name: 'norm' });
    b.node('Relu', ['n'], ['y'], { name: 'relu' });
  });
  expect(graph.nodes.map(({ name }) => name)).toEqual(['conv']);
  expect(steps).toEqual(['fold batch normalization', 'fuse clamp']);
  expect(removed.get('norm')).toEqual({ by: 'fold batch normalization', into: 'conv' });
  expect(removed.get('relu')).toEqual({ by: 'fuse clamp', into: 'conv' });
});

test('padding ends in the convolution after it', () => {
  const { removed } = trace((b) => {
    b.constant('pads', { dtype: 'int64', shape: [8], data: BigInt64Array.from([0n, 0n, 1n, 1n, 0n, 0n, 1n, 1n]) });
    b.node('Pad', ['x', 'pads'], ['p'], { name: 'pad' });
    conv(b, 'p', 'y');
  });
  expect(removed).toEqual(new Map([['pad', { by: 'fold pad', into: 'conv' }]]));
});

test('what does nothing ends nowhere', () => {
  const { removed } = trace((b) => {
    b.node('Transpose', ['x'], ['t'], { name: 'turn', attributes: { perm: { ints: [0, 1, 2, 3] } } });
    conv(b, 't', 'y');
  });
  expect(removed).toEqual(new Map([['turn', { by: 'drop no-ops', into: null }]]));
});

test('a chain that is recognised as one function ends in the node that stays', () => {
  const { graph, removed } = trace((b) => {
    b.constant('three', floatScalar(3));
    b.constant('zero', floatScalar(0));
    b.constant('six', floatScalar(6));
    b.constant('sixth', floatScalar(1 / 6));
    b.node('Add', ['x', 'three'], ['a'], { name: 'shift' });
    b.node('Clip', ['a', 'zero', 'six'], ['c'], { name: 'clip' });
    b.node('Mul', ['c', 'sixth'], ['y'], { name: 'gate' });
  });
  expect(graph.nodes.map(({ name, op }) => [name, op])).toEqual([['gate', 'hard-sigmoid']]);
  expect([...removed.values()].map(({ into }) => into)).toEqual(['gate', 'gate']);
});
