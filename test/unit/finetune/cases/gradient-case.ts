/** One case of an operator's gradient check: shapes and attributes that reach a branch of its rule. */
import type { Shape, Tensor } from '../../../../src/base/tensor.ts';
import type { Attributes } from '../../../../src/graph/graph.ts';

export interface GradientCase {
  readonly title: string;
  readonly op: string;
  /** Activations, batch 1; the harness runs a batch of 2. */
  readonly inputs: Readonly<Record<string, Shape>>;
  readonly constants?: Readonly<Record<string, Tensor>>;
  /** Constants that are not trained. */
  readonly frozen?: readonly string[];
  /** Inputs of the node in order. */
  readonly order: readonly string[];
  readonly outputs: Readonly<Record<string, Shape>>;
  readonly attributes?: Attributes;
  /** int64 inputs with the number of rows that they index. */
  readonly integers?: Readonly<Record<string, number>>;
  readonly positive?: boolean;
}
