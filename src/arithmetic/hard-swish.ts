/** TFLite's int8 hard-swish: all in 16 bits (reference/hard_swish.h, re-expressed). */
import { quantizeMultiplier } from './quantize-multiplier.ts';
import { clampInteger, roundingDivideByPowerOfTwo } from './rounding.ts';

interface Affine {
  readonly scale: number;
  readonly zeroPoint: number;
}

function saturate16(value: number): number {
  return clampInteger(value, -32768, 32767);
}

/** SQRDMULH: (a * b + 2^14) >> 15, saturated. */
function roundingHighMultiply16(a: number, b: number): number {
  return saturate16(Math.floor((a * b + 16384) / 32768));
}

function highHalf(multiplier: number): number {
  return Math.min((multiplier + 32768) >> 16, 32767);
}

/** Code function before the final clamp, or undefined where the output is so fine that the 16-bit form cannot express it. */
export function hardSwishCode(input: Affine, output: Affine): ((code: number) => number) | undefined {
  const high = Math.fround(Math.fround(1 / 128) * input.scale);
  const result = quantizeMultiplier(Math.fround(high / output.scale));
  const relu = quantizeMultiplier(Math.fround(high / Math.fround(3 / 32768)));
  if (result.shift > 0) return undefined;
  const [resultMultiplier, reluMultiplier] = [highHalf(result.multiplier), highHalf(relu.multiplier)];
  return (code) => {
    const value = (code - input.zeroPoint) * 128;
    const scaled = roundingHighMultiply16(value, resultMultiplier);
    let gate = value;
    if (relu.shift > 0) gate = saturate16(gate * 2 ** (relu.shift - 1));
    gate = roundingHighMultiply16(gate, reluMultiplier);
    if (relu.shift > 0) gate = saturate16(gate * 2);
    if (relu.shift < 0) gate = roundingDivideByPowerOfTwo(gate, -relu.shift);
    gate = (gate + 32768) >> 1;
    const product = saturate16(Math.trunc((gate * scaled) / 32768));
    return roundingDivideByPowerOfTwo(product, -result.shift) + output.zeroPoint;
  };
}
