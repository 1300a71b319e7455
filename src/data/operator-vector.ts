/** An operator vector in memory: one operator's integers and the output that a runtime must give (schema `bitwright-vectors/1`). */
import type { Shape } from '../base/tensor.ts';
import type { VectorDType } from './vector-schema.ts';

export interface VectorTensor {
  readonly dtype: VectorDType;
  readonly shape: Shape;
  /** Row-major; sub-byte values one per entry. */
  readonly data: readonly number[];
}

export interface OperatorVector {
  readonly name: string;
  /** File it came from, for messages. */
  readonly file: string;
  readonly op: string;
  readonly profile: string;
  readonly parameters: Readonly<Record<string, number | readonly number[]>>;
  readonly tensors: Readonly<Record<string, VectorTensor>>;
}
