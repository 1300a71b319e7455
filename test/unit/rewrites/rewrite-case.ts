/** What a case of the rewrite suite is. */
import type { OnnxBuilder } from '../../../src/onnx/onnx-builder.ts';

export interface RewriteCase {
  readonly name: string;
  readonly shape: readonly number[];
  /** IR ops left, with `+clamp` where one is fused. */
  readonly left: readonly string[];
  build(b: OnnxBuilder, random: (name: string, shape: number[], low?: number) => string): void;
}
