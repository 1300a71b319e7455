/** Nearest rounding of weights: q = clamp(rne(f32(w / s))), the rule of every runtime's own quantizer. */
import { roundHalfEven } from '../../arithmetic/rounding.ts';
import type { CodeGrid } from '../code-grid.ts';

/** `weights` is [outputs, perOutput]; `scales` holds one scale or one per output. */
export function roundNearest(
  weights: Float32Array,
  outputs: number,
  scales: Float32Array,
  grid: CodeGrid,
): Int8Array<ArrayBuffer> {
  const codes = new Int8Array(weights.length);
  const perOutput = weights.length / outputs;
  for (let output = 0; output < outputs; output++) {
    const scale = scales[scales.length === 1 ? 0 : output];
    for (let index = output * perOutput; index < (output + 1) * perOutput; index++) {
      const code = roundHalfEven(Math.fround(weights[index] / scale));
      codes[index] = Math.min(grid.qMax, Math.max(grid.qMin, code));
    }
  }
  return codes;
}
