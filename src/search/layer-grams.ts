/** Second-order rounding of a whole layer, on moments of its inputs that were made ready for it. */
import type { CodeGrid } from '../quantize/code-grid.ts';
import type { LayerGeometry } from '../quantize/layer-geometry.ts';
import { factorGram, type GramFactor, roundChannelByGram } from '../quantize/rounding/gram.ts';
import { type FormerInputs, retargetChannel } from '../quantize/rounding/retarget.ts';
import type { WeightedNode } from '../quantize/weighted-nodes.ts';
import { forBlocks, type LayerMoments, type PerBlock } from './layer-moments.ts';

export interface BlockGram {
  readonly n: number;
  readonly factor: GramFactor;
  /** The float network's inputs, where they are not the same. */
  readonly float: FormerInputs | null;
}

export type LayerGrams = PerBlock<BlockGram>;

/**
 * `damping` is a share of the mean variance of the inputs; `float` holds grams of the float network's inputs on the same patches, where
 * `moments` are crossed with them.
 */
export function gramsOfMoments(moments: LayerMoments, damping: number, float: LayerGrams | null = null): LayerGrams {
  return moments.map((blocks, group) =>
    blocks.map(({ n, own, cross }, block) => {
      const former = float?.[group][block].factor.gram;
      const isSame = cross === null || former === undefined;
      return { n, factor: factorGram(own, n, damping), float: isSame ? null : { own: former, cross } };
    }),
  );
}

/** The real weights to round: the layer's own, or those that make up best for what the inputs have become. */
export function targetWeights(
  layer: WeightedNode,
  geometry: LayerGeometry,
  grams: LayerGrams,
): Float32Array | Float64Array {
  if (grams.every((blocks) => blocks.every(({ float }) => float === null))) return layer.weights;
  const target = Float64Array.from(layer.weights);
  forBlocks(layer, geometry, grams, (_output, at, { n, factor, float }) => {
    if (float !== null) target.set(retargetChannel(layer.weights.subarray(at, at + n), float, factor), at);
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
