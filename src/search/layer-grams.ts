/**
 * The input correlations of one layer, factored for second-order rounding. A wide layer is cut into blocks of whole input channels,
 * rounded each on its own: the cost of a block grows with the cube of its size.
 */
import type { CodeGrid } from '../quantize/code-grid.ts';
import { covariance, gatherPatches, type LayerInput, samplePositions } from '../quantize/input-correlation.ts';
import type { LayerGeometry } from '../quantize/layer-geometry.ts';
import { factorGram, type GramFactor, roundChannelByGram } from '../quantize/rounding/gram.ts';
import type { WeightedNode } from '../quantize/weighted-nodes.ts';

/** Per group of outputs: the factors of its consecutive blocks of weights. */
export type LayerGrams = readonly (readonly GramFactor[])[];

/** Largest block, in weights of one output channel. */
const blockMax = 1152;
/** Patches per weight of a channel; fewer make the correlation a guess. */
const rowsPerWeight = 4;
const rowsMin = 1024;
const rowsMax = 4608;

export function collectGrams(geometry: LayerGeometry, input: LayerInput, damping: number, seed: number): LayerGrams {
  const n = geometry.channelsPerGroup * geometry.taps;
  const rows = Math.min(rowsMax, Math.max(rowsMin, rowsPerWeight * n));
  const positions = samplePositions(geometry, input, rows, seed);
  return Array.from({ length: geometry.groups }, (_, group) => {
    const patches = gatherPatches(geometry, input, group, positions);
    return blocksOf(geometry).map(([from, to]) => factorGram(covariance(patches, from, to), to - from, damping));
  });
}

/** Equal blocks of whole channels, each at most `blockMax` weights. */
function blocksOf({ channelsPerGroup, taps }: LayerGeometry): [number, number][] {
  const blocks = Math.ceil((channelsPerGroup * taps) / Math.max(blockMax, taps));
  const channels = Math.ceil(channelsPerGroup / blocks);
  return Array.from({ length: Math.ceil(channelsPerGroup / channels) }, (_, block) => [
    block * channels * taps,
    Math.min(channelsPerGroup, (block + 1) * channels) * taps,
  ]);
}

export interface RoundedLayer {
  readonly codes: Int8Array<ArrayBuffer>;
  /** Output error of each channel: variance of its rounding error over the inputs. */
  readonly errors: Float64Array<ArrayBuffer>;
}

export function roundLayerByGram(
  layer: WeightedNode,
  geometry: LayerGeometry,
  scales: Float32Array,
  grid: CodeGrid,
  grams: LayerGrams,
): RoundedLayer {
  const codes = new Int8Array(layer.weights.length);
  const errors = new Float64Array(layer.outputs);
  for (let output = 0; output < layer.outputs; output++) {
    const scale = scales[scales.length === 1 ? 0 : output];
    let at = output * layer.perOutput;
    for (const factor of grams[Math.floor(output / geometry.outputsPerGroup)]) {
      const weights = layer.weights.subarray(at, at + factor.n);
      errors[output] += roundChannelByGram(weights, scale, factor, grid, codes, at).error;
      at += factor.n;
    }
  }
  return { codes, errors };
}
