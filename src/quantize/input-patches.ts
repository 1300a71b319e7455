/**
 * Patches of a layer's inputs, taken from the codes that the quantized network feeds it: their second moments are what second-order
 * rounding minimises against. Output positions are drawn at random, from a seed, over all samples.
 */
import { assert } from '../base/errors.ts';
import { seededRandom } from '../base/random.ts';
import type { LayerGeometry } from './layer-geometry.ts';

export type InputCodes = Int8Array | Uint8Array | Int16Array | Int32Array;

/** Physical (channels-last) codes of a layer's input for samples [first, first + samples), and what they stand for. */
export interface LayerInput {
  readonly codes: InputCodes;
  readonly first: number;
  readonly samples: number;
  readonly scale: number;
  readonly zeroPoint: number;
}

/**
 * Input patches of one group of outputs, [n][rows]: n = channelsPerGroup * taps in the order of the weights. Kept as the codes that they
 * are, since the patches of every layer are held at once; before they are gathered all are zero points, which is what padding reads.
 */
export interface Patches {
  readonly n: number;
  readonly rows: number;
  readonly scale: number;
  readonly codes: Int8Array | Uint8Array | Int16Array;
}

/** Room for patches of `input`. */
export function emptyPatches({ codes, scale, zeroPoint }: LayerInput, n: number, rows: number): Patches {
  const kind = [Int8Array, Uint8Array, Int16Array].find((narrow) => codes instanceof narrow);
  assert(kind !== undefined, 'a layer with weights reads codes of 8 or 16 bits');
  return { n, rows, scale, codes: new kind(n * rows).fill(zeroPoint) };
}

/** Output positions of one sample. */
export function positionsPerSample({ window, channels }: LayerGeometry, { codes, samples }: LayerInput): number {
  return window === null ? codes.length / samples / channels : window.output[0] * window.output[1];
}

/**
 * Draws `rows` output positions (all of them where there are fewer) of `all`, counted through all samples, in rising order. The same seed
 * draws the same positions.
 */
export function samplePositions(all: number, rows: number, seed: number): Float64Array {
  if (all <= rows) return Float64Array.from({ length: all }, (_, index) => index);
  const random = seededRandom(seed);
  // One position from each of `rows` equal stretches: no duplicates, every sample has its share.
  return Float64Array.from({ length: rows }, (_, index) => {
    const start = Math.floor((index * all) / rows);
    const end = Math.floor(((index + 1) * all) / rows);
    return random.integer(start, Math.max(start, end - 1));
  });
}

/** Fills in the patches of output group `group` at those of the positions that lie in the samples of `input`. */
export function gatherPatches(
  { n, rows, codes: gathered }: Patches,
  geometry: LayerGeometry,
  input: LayerInput,
  group: number,
  positions: Float64Array,
): void {
  const { channelsPerGroup, taps, channels, window } = geometry;
  const { codes, first, samples } = input;
  const perSample = positionsPerSample(geometry, input);
  const firstChannel = group * channelsPerGroup;
  for (let row = 0; row < rows; row++) {
    const position = positions[row] - first * perSample;
    if (position < 0 || position >= samples * perSample) continue;
    if (window === null) {
      const start = position * channels;
      for (let k = 0; k < n; k++) gathered[k * rows + row] = codes[start + k];
      continue;
    }
    const [height, width] = window.output;
    const sample = Math.floor(position / (height * width));
    const inPlane = position - sample * height * width;
    const top = Math.floor(inPlane / width) * window.strides[0] - window.padTop;
    const left = (inPlane % width) * window.strides[1] - window.padLeft;
    for (let tap = 0; tap < taps; tap++) {
      const inY = top + Math.floor(tap / window.kernel[1]) * window.dilations[0];
      const inX = left + (tap % window.kernel[1]) * window.dilations[1];
      if (inY < 0 || inY >= window.input[0] || inX < 0 || inX >= window.input[1]) continue;
      const start = ((sample * window.input[0] + inY) * window.input[1] + inX) * channels + firstChannel;
      for (let channel = 0; channel < channelsPerGroup; channel++) {
        gathered[(channel * taps + tap) * rows + row] = codes[start + channel];
      }
    }
  }
}
