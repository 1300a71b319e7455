/** What the operator cases are written with: a builder of one-node models, attributes, random constants and inputs. */

import { seededRandom } from '../../../src/base/random.ts';
import type { Tensor } from '../../../src/base/tensor.ts';
import {
  createOnnxBuilder,
  floatScalar,
  intVector,
  type OnnxAttribute,
  type OnnxBuilder,
} from '../../../src/onnx/onnx-builder.ts';

export interface OperatorCase {
  readonly name: string;
  readonly opset: number;
  /** Shape of the input `x`, batch left out. */
  readonly shape: readonly number[];
  /** IR ops of the imported graph, in order. */
  readonly ops: readonly string[];
  build(b: CaseBuilder): void;
}

export interface CaseBuilder extends OnnxBuilder {
  /** Adds a node from `x` and further inputs to `y`. */
  op(type: string, inputs?: readonly string[], attributes?: Record<string, OnnxAttribute>): void;
  /** A random float constant. */
  random(name: string, shape: readonly number[], low?: number, high?: number): string;
  ints(name: string, values: readonly number[]): string;
  scalar(name: string, value: number): string;
}

export function buildCase(test: OperatorCase, seed: number): Uint8Array {
  const random = seededRandom(seed);
  const builder = createOnnxBuilder();
  const b: CaseBuilder = {
    ...builder,
    op: (type, inputs = [], attributes = {}) =>
      builder.node(type, ['x', ...inputs], ['y'], { name: `the-${type}`, attributes }),
    random: (name, shape, low = -1, high = 1) => {
      const data = Float32Array.from(
        { length: shape.reduce((a, c) => a * c, 1) },
        () => low + random.next() * (high - low),
      );
      return builder.constant(name, { dtype: 'float32', shape, data });
    },
    ints: (name, values) => builder.constant(name, intVector(values)),
    scalar: (name, value) => builder.constant(name, floatScalar(value)),
  };
  builder.input('x', 'float32', ['N', ...test.shape]);
  test.build(b);
  builder.output('y', 'float32', []);
  return builder.finish({ opset: test.opset, name: test.name });
}

export const int = (value: number): OnnxAttribute => ({ int: value });
export const ints = (...values: number[]): OnnxAttribute => ({ ints: values });
export const float = (value: number): OnnxAttribute => ({ float: value });
export const text = (value: string): OnnxAttribute => ({ string: value });

export function one(
  name: string,
  shape: number[],
  ops: string[],
  build: (b: CaseBuilder) => void,
  opset = 13,
): OperatorCase {
  return { name, shape, ops, build, opset };
}

export function randomInput(shape: readonly number[], samples: number, seed: number): Tensor {
  const random = seededRandom(seed);
  const count = shape.reduce((product, size) => product * size, samples);
  return {
    dtype: 'float32',
    shape: [samples, ...shape],
    data: Float32Array.from({ length: count }, () => random.next() * 4 - 2),
  };
}
