/**
 * Mean-preserving rounding (the idea of SQuant): nearest codes, then as many of them as the summed rounding error of an output
 * channel asks for move to their other neighbour, those nearest to the tie first. The channel's mean error ends below
 * scale / (2 * weights), which removes most of the output's shift without knowing the inputs.
 */
import { roundHalfEven } from '../../arithmetic/rounding.ts';
import type { CodeGrid } from '../code-grid.ts';
import { roundNearest } from './nearest.ts';

/** `weights` is [outputs, perOutput]; `scales` holds one scale or one per output. Saturated weights never move. */
export function roundMeanPreserving(
  weights: Float32Array,
  outputs: number,
  scales: Float32Array,
  grid: CodeGrid,
): Int8Array<ArrayBuffer> {
  const codes = roundNearest(weights, outputs, scales, grid);
  const perOutput = weights.length / outputs;
  const errors = new Float64Array(perOutput);
  for (let output = 0; output < outputs; output++) {
    const scale = scales[scales.length === 1 ? 0 : output];
    const first = output * perOutput;
    let sum = 0;
    for (let index = 0; index < perOutput; index++) {
      const error = codes[first + index] - weights[first + index] / scale;
      // What clipping took away cannot be given back by neighbours without changing the channel's shape.
      errors[index] = Math.abs(error) > 0.5 + 1e-6 ? 0 : error;
      sum += errors[index];
    }
    const direction = Math.sign(sum);
    const flips = roundHalfEven(Math.abs(sum));
    const candidates: number[] = [];
    for (let index = 0; index < perOutput; index++) {
      const moved = codes[first + index] - direction;
      if (errors[index] * direction > 0 && moved >= grid.qMin && moved <= grid.qMax) candidates.push(index);
    }
    candidates.sort((a, b) => Math.abs(errors[b]) - Math.abs(errors[a]) || a - b);
    for (const index of candidates.slice(0, flips)) codes[first + index] -= direction;
  }
  return codes;
}
