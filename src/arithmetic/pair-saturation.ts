/**
 * The AVX2 hazard of ONNX Runtime: on x86 without VNNI, uint8 activations times int8 weights go through a multiply that adds neighbouring
 * products in saturating 16 bits. Here is the bound that rules it out; the hazard itself is never part of a program's arithmetic.
 */

/** The largest sum of two weights of one sign whose products with 255 stay within int16. */
export const pairSumMax = 128;

export interface PairHazard {
  /** Output channel with the largest pair. */
  readonly channel: number;
  /** |w[2k] + w[2k+1]| of its worst pair of one sign (a weight of the other sign counts as 0). */
  readonly pairSum: number;
  /** Channels that could saturate. */
  readonly channels: number;
}

/**
 * Looks at weight codes as [channels][length], input channels innermost as the runtime packs them (OHWI), and reports the channels whose
 * neighbouring pair could saturate with 8-bit unsigned activations; null where none can.
 */
export function findPairHazard(codes: Int8Array, channels: number): PairHazard | null {
  const length = codes.length / channels;
  let found: PairHazard | null = null;
  let count = 0;
  for (let channel = 0; channel < channels; channel++) {
    let worst = 0;
    for (let index = 0; index < length; index += 2) {
      const first = codes[channel * length + index];
      const second = index + 1 < length ? codes[channel * length + index + 1] : 0;
      const positive = Math.max(first, 0) + Math.max(second, 0);
      const negative = Math.max(-first, 0) + Math.max(-second, 0);
      worst = Math.max(worst, positive, negative);
    }
    if (worst <= pairSumMax) continue;
    count++;
    if (found === null || worst > found.pairSum) found = { channel, pairSum: worst, channels: 0 };
  }
  return found === null ? null : { ...found, channels: count };
}

/** The range of codes that can never saturate: 7 bits, what ONNX Runtime's tools call reduce_range. */
export const pairSafeRange = { qMin: -64, qMax: 63 } as const;
