/** Second-order rounding of a whole layer, on moments of its inputs that were made ready for it. */
import type { CodeGrid } from '../quantize/code-grid.ts';
import type { LayerGeometry } from '../quantize/layer-geometry.ts';
import { factorGram, type GramFactor, retargetChannel, roundChannelByGram } from '../quantize/rounding/gram.ts';
import type { WeightedNode } from '../quantize/weighted-nodes.ts';
import { forBlocks, type LayerMoments, type PerBlock } from './layer-moments.ts';

export interface BlockGram {
  readonly n: number;
  readonly factor: GramFactor;
  /** As in the block's moments. */
  readonly cross: Float64Array<ArrayBuffer> | null;
}

export type LayerGrams = PerBlock<BlockGram>;

/** `damping` is a share of the mean variance of the inputs. */
export function gramsOfMoments(moments: LayerMoments, damping: number): LayerGrams {
  return moments.map((blocks) =>
    blocks.map(({ n, own, cross }) => ({ n, factor: factorGram(own, n, damping), cross })),
  );
}

/** The real weights to round: the layer's own, or those that make up best for what the inputs have become. */
export function targetWeights(
  layer: WeightedNode,
  geometry: LayerGeometry,
  grams: LayerGrams,
): Float32Array | Float64Array {
  if (grams.every((blocks) => blocks.every(({ cross }) => cross === null))) return layer.weights;
  const target = Float64Array.from(layer.weights);
  forBlocks(layer, geometry, grams, (_output, at, { factor, cross }) => {
    if (cross !== null) target.set(retargetChannel(layer.weights.subarray(at, at + factor.n), cross, factor), at);
  });
  return target;
}

export interface RoundedLayer {
  readonly codes: Int8Array<ArrayBuffer>;
  /** Output error of each channel: variance of its rounding error over the inputs. */
  readonly errors: Float64Array<ArrayBuffer>;
}

/** Rounds `target` (shaped as the layer's weights) at the given scales. */
export function roundLayerByGram(
  layer: WeightedNode,
  geometry: LayerGeometry,
  target: Float32Array | Float64Array,
  scales: Float32Array,
  grid: CodeGrid,
  grams: LayerGrams,
): RoundedLayer {
  const codes = new Int8Array(layer.weights.length);
  const errors = new Float64Array(layer.outputs);
  forBlocks(layer, geometry, grams, (output, at, { factor }) => {
    const scale = scales[scales.length === 1 ? 0 : output];
    const weights = target.subarray(at, at + factor.n);
    errors[output] += roundChannelByGram(weights, scale, factor, grid, codes, at).error;
  });
  return { codes, errors };
}
