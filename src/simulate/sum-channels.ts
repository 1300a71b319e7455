/** Sums of channels-last codes by channel: what bias correction asks of a layer's input, taken where the codes are. */
import type { CodeArray } from './engine.ts';

/** Positions whose sums of int8 codes fit 32-bit integers, which are added faster than floats. */
const positionsMax = 2 ** 24;

/** Adds the codes of whole positions to the sums. */
export function addChannels(sums: Float64Array, codes: CodeArray): void {
  if (!(codes instanceof Int8Array)) {
    addInto(sums, codes);
    return;
  }
  const channels = sums.length;
  for (let from = 0; from < codes.length; from += channels * positionsMax) {
    const partial = new Int32Array(channels);
    addInto(partial, codes.subarray(from, from + channels * positionsMax));
    for (let channel = 0; channel < channels; channel++) sums[channel]! += partial[channel]!;
  }
}

function addInto(sums: Float64Array | Int32Array, codes: CodeArray): void {
  const channels = sums.length;
  for (let at = 0; at < codes.length; at += channels) {
    for (let channel = 0; channel < channels; channel++) sums[channel]! += codes[at + channel]!;
  }
}
