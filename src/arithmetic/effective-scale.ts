/** Effective scales in a runtime's own order of operations, and a real value as a code; both are part of the semantics. */
import type { Rounding, ScaleProduct } from './profile.ts';
import { roundHalfAway, roundHalfEven, roundHalfUp } from './rounding.ts';

/** inputScale * weightScale / outputScale; all three are float32 values. */
export function effectiveScale(product: ScaleProduct, inputScale: number, weightScale: number, outputScale: number) {
  switch (product) {
    case 'f64':
      return (inputScale * weightScale) / outputScale;
    case 'f32-product-then-f64':
      return Math.fround(inputScale * weightScale) / outputScale;
    case 'f32':
      return Math.fround(Math.fround(inputScale * weightScale) / outputScale);
  }
}

const roundings: Readonly<Record<Rounding, (value: number) => number>> = {
  'half-away': roundHalfAway,
  'half-even': roundHalfEven,
  'half-up': roundHalfUp,
  floor: Math.floor,
};

/** Rounds a float32 (or double) to an integer; infinities stay. */
export function roundBy(rounding: Rounding, value: number): number {
  return Math.abs(value) >= 2 ** 51 ? value : roundings[rounding](value);
}

/** A real value as an integer code: f32(value / scale) rounded by `rounding`, then the zero point added, then clamped to the range. */
export function quantizeValue(
  rounding: Rounding,
  value: number,
  quantization: { readonly scale: number; readonly zeroPoint: number; readonly qMin: number; readonly qMax: number },
): number {
  const code = roundBy(rounding, Math.fround(Math.fround(value) / quantization.scale)) + quantization.zeroPoint;
  return Math.min(Math.max(code, quantization.qMin), quantization.qMax) + 0;
}
