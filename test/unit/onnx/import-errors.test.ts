/** Models that must be refused, each with the right code, the names of the nodes, and everything wrong at once. */
import { expect, test } from 'vitest';
import { BitwrightError } from '../../../src/base/errors.ts';
import { type ImportOptions, importOnnx } from '../../../src/onnx/import-onnx.ts';
import { createOnnxBuilder, intVector, type OnnxBuilder } from '../../../src/onnx/onnx-builder.ts';

function model(build: (b: OnnxBuilder) => void, opset = 13, shape: (number | string)[] = ['N', 3, 4, 4]): Uint8Array {
  const builder = createOnnxBuilder();
  builder.input('x', 'float32', shape);
  build(builder);
  builder.output('y', 'float32', []);
  return builder.finish({ opset, name: 'test' });
}

function failure(bytes: Uint8Array, options: ImportOptions = {}): BitwrightError {
  try {
    importOnnx(bytes, options);
  } catch (error) {
    if (error instanceof BitwrightError) return error;
    throw error;
  }
  throw new Error('nothing thrown');
}

const relu = (b: OnnxBuilder): void => b.node('Relu', ['x'], ['y'], { name: 'r' });

test('all unsupported operators are listed at once, with the names of their nodes', () => {
  const error = failure(
    model((b) => {
      b.node('LRN', ['x'], ['a'], { name: 'first' });
      b.node('Magic', ['a'], ['b'], { name: '', domain: 'custom' });
      b.node('LRN', ['b'], ['c'], { name: 'second' });
      b.node('Loop', ['c'], ['y'], { name: 'round' });
    }),
  );
  expect(error.code).toBe('MODEL_UNSUPPORTED');
  expect(error.issues.map((issue) => issue.message)).toEqual([
    'operator LRN is not supported',
    'operator custom.Magic is not supported',
    'control flow (Loop) is not supported',
  ]);
  expect(error.issues[0]!.where).toBe('nodes first, second');
  expect(error.issues[1]!.where).toBe('node Magic_b');
});

test('what single nodes ask for is gathered too; what hangs on them is not reported again', () => {
  const error = failure(
    model((b) => {
      b.node('ReduceMean', ['x'], ['a'], { name: 'mean', attributes: { axes: { ints: [1] } } });
      b.node('Relu', ['a'], ['b'], { name: 'after' });
      b.node('Transpose', ['x'], ['c'], { name: 'turn', attributes: { perm: { ints: [1, 0, 2, 3] } } });
      b.node('Concat', ['b', 'c'], ['y'], { name: 'join', attributes: { axis: { int: 1 } } });
    }),
  );
  expect(error.code).toBe('MODEL_UNSUPPORTED');
  expect(error.issues.map((issue) => issue.where)).toEqual(['node mean (ReduceMean)', 'node turn (Transpose)']);
});

test('files that are no models', () => {
  const good = model(relu);
  expect(failure(new Uint8Array(0)).code).toBe('MODEL_INVALID');
  expect(failure(new TextEncoder().encode('hello, I am no model')).code).toBe('MODEL_INVALID');
  for (let length = 1; length < good.length; length++)
    expect(failure(good.subarray(0, length)).code, `cut at ${length}`).toMatch(/^MODEL_/);
  expect(failure(good.subarray(0, good.length - 3), { name: 'm.onnx' }).message).toContain('m.onnx');
});

test('operator sets outside 7 to 22', () => {
  expect(failure(model(relu, 6)).message).toMatch(/operator set version.*seen 6, allowed 7 to 22/);
  expect(failure(model(relu, 23)).code).toBe('MODEL_UNSUPPORTED');
  expect(importOnnx(model(relu, 22)).nodes).toHaveLength(1);
});

test('circles, missing and double producers', () => {
  const circle = failure(
    model((b) => {
      b.node('Add', ['x', 'b'], ['a'], { name: 'one' });
      b.node('Relu', ['a'], ['b'], { name: 'two' });
      b.node('Relu', ['b'], ['y'], { name: 'three' });
    }),
  );
  expect(circle.message).toMatch(/circle.*one, two/);
  const missing = failure(model((b) => b.node('Add', ['x', 'ghost'], ['y'], { name: 'sum' })));
  expect(missing.message).toMatch(/node sum \(Add\): reads ghost/);
  const double = failure(
    model((b) => {
      relu(b);
      b.node('Abs', ['x'], ['y'], { name: 'again' });
    }),
  );
  expect(double.message).toMatch(/output y has another producer/);
  expect(failure(model((b) => b.node('Relu', ['x'], ['z'], { name: 'r' }))).message).toMatch(
    /graph output y: is produced by no node/,
  );
});

test('nodes out of order are put in order', () => {
  const graph = importOnnx(
    model((b) => {
      b.node('Relu', ['b'], ['y'], { name: 'last' });
      b.node('Abs', ['a'], ['b'], { name: 'middle' });
      b.node('Tanh', ['x'], ['a'], { name: 'first' });
    }),
  );
  expect(graph.nodes.map((node) => node.name)).toEqual(['first', 'middle', 'last']);
});

test('nodes without names and with equal names get their own', () => {
  const graph = importOnnx(
    model((b) => {
      b.node('Relu', ['x'], ['a'], { name: '' });
      b.node('Abs', ['a'], ['b'], { name: 'same' });
      b.node('Tanh', ['b'], ['y'], { name: 'same' });
    }),
  );
  expect(graph.nodes.map((node) => node.name)).toEqual(['Relu_a', 'same', 'same_2']);
});

test('dynamic sizes other than the batch are asked for, and can be given', () => {
  const bytes = model(relu, 13, ['N', 3, 'height', 'width']);
  expect(failure(bytes).message).toMatch(/graph input x.*unknown: height, width/);
  expect(importOnnx(bytes, { dimensions: { height: 5, width: 6 } }).values.get('x')!.shape).toEqual([1, 3, 5, 6]);
  expect(failure(model(relu, 13, [8, 3])).message).toMatch(/batch size is fixed.*\[8,3\]/);
  expect(failure(model(relu, 13, ['N', 2 ** 30, 2 ** 30])).message).toMatch(/too large/);
});

test('constants that would need more memory than a model has', () => {
  const error = failure(
    model((b) => {
      b.constant('shape', intVector([100000, 100000]));
      b.node('ConstantOfShape', ['shape'], ['big'], { name: 'blow' });
      b.node('Add', ['x', 'big'], ['y'], { name: 'sum' });
    }),
  );
  expect(error.message).toMatch(/node blow.*too large/);
});

test('shapes that do not fit are named with their node', () => {
  const weights = { dtype: 'float32', shape: [2, 5, 3, 3], data: new Float32Array(90) } as const;
  const error = failure(
    model((b) => {
      b.constant('w', weights);
      b.node('Conv', ['x', 'w'], ['y'], { name: 'conv1' });
    }),
  );
  expect(error.code).toBe('MODEL_INVALID');
  expect(error.message).toMatch(/node conv1 \(Conv\): groups do not fit the channels/);
});

test('weights that are computed from the input', () => {
  const error = failure(model((b) => b.node('Conv', ['x', 'x'], ['y'], { name: 'odd' })));
  expect(error.code).toBe('MODEL_UNSUPPORTED');
  expect(error.message).toMatch(/node odd \(Conv\): its weight \(x\) is computed at run time/);
});

test('names that are properties of every object are no operators', () => {
  for (const name of ['constructor', '__proto__', 'toString', 'hasOwnProperty']) {
    expect(failure(model((b) => b.node(name, ['x'], ['y'], { name: 'n' }))).code).toBe('MODEL_UNSUPPORTED');
  }
});
