/**
 * The input moments of one layer, made ready for second-order rounding. A wide layer is cut into blocks of whole input channels, each
 * on its own: the cost of a block grows with the cube of its size.
 */
import type { CodeGrid } from '../quantize/code-grid.ts';
import {
  emptyPatches,
  gatherPatches,
  type LayerInput,
  type Patches,
  positionsPerSample,
  samplePositions,
} from '../quantize/input-patches.ts';
import type { LayerGeometry } from '../quantize/layer-geometry.ts';
import { factorGram, type GramFactor, retargetChannel, roundChannelByGram } from '../quantize/rounding/gram.ts';
import type { WeightedNode } from '../quantize/weighted-nodes.ts';
import { type CodeProducts, codeProductsBytes } from '../simulate/code-products.ts';
import { covariances } from './covariances.ts';

export interface BlockMoments {
  readonly factor: GramFactor;
  /** Covariance of the float network's inputs (rows) with those that the moments are of (columns); null: they are the same. */
  readonly cross: Float64Array<ArrayBuffer> | null;
}

/** Per group of outputs: its consecutive blocks of weights. */
export type LayerGrams = readonly (readonly BlockMoments[])[];

/** Patches of a layer's input, one entry per group of outputs. */
export type LayerPatches = readonly Patches[];

/** Largest block, in weights of one output channel. */
const blockMax = 1152;
/**
 * Patches: many for the few weights of a pointwise layer, whose targets are regressed on them, fewer where they are wide or where each
 * group of a depthwise layer has its own. At least 4608, for channels that are rarely active (MobileNetV1 0.25, W4A8, divergence after
 * the last rounding: 0.36 with 2048 everywhere, 0.26 with 4608, 0.23 with 16384).
 */
const rowsMin = 4608;
const rowsMax = 16384;
/** Codes of a layer's patches, between these bounds. */
const patchElements = 2 ** 21;

/** Memory of one layer's patches and moments: what is kept of them, and what their making takes on top. Codes take `codeBytes` each. */
export function momentBytes(geometry: LayerGeometry, codeBytes: number): { held: number; working: number } {
  const blocks = blocksOf(geometry).map(([from, to]) => to - from);
  const n = geometry.channelsPerGroup * geometry.taps;
  const rows = wantedRows(geometry);
  const squares = blocks.reduce((sum, size) => sum + size * size, 0);
  const largest = Math.max(...blocks);
  return {
    held: geometry.groups * (codeBytes * n * rows + 2 * Float64Array.BYTES_PER_ELEMENT * squares),
    working: codeProductsBytes(largest) + 4 * Float64Array.BYTES_PER_ELEMENT * largest * largest,
  };
}

/** Fewer where the samples have fewer positions. */
function wantedRows({ groups, channelsPerGroup, taps }: LayerGeometry): number {
  return Math.min(rowsMax, Math.max(rowsMin, Math.floor(patchElements / (groups * channelsPerGroup * taps))));
}

export interface PatchCollector {
  /** Takes what is wanted from a part of the samples. */
  add(input: LayerInput): void;
  /** After all parts. */
  patches(): LayerPatches;
}

/**
 * Patches from samples [0, samples). The same positions for every network that the layer is looked at in, given the same seed and
 * samples, and whatever parts the samples come in; those after `samples` are passed over.
 */
export function createPatchCollector(geometry: LayerGeometry, samples: number, seed: number): PatchCollector {
  const n = geometry.channelsPerGroup * geometry.taps;
  const wanted = wantedRows(geometry);
  let positions: Float64Array | null = null;
  let patches: LayerPatches = [];
  return {
    add(input) {
      positions ??= samplePositions(samples * positionsPerSample(geometry, input), wanted, seed);
      if (patches.length === 0) {
        const rows = positions.length;
        patches = Array.from({ length: geometry.groups }, () => emptyPatches(input, n, rows));
      }
      for (const [group, own] of patches.entries()) gatherPatches(own, geometry, input, group, positions);
    },
    patches: () => patches,
  };
}

/** `float` holds patches of the float network's inputs at the same positions, or null to take `patches` for them. */
export function momentsOfPatches(
  products: CodeProducts,
  geometry: LayerGeometry,
  patches: LayerPatches,
  float: LayerPatches | null,
  damping: number,
): LayerGrams {
  return patches.map((own, group) =>
    blocksOf(geometry).map(([from, to]) => {
      const factor = factorGram(covariances(products, own, own, from, to), to - from, damping);
      return { factor, cross: float === null ? null : covariances(products, float[group], own, from, to) };
    }),
  );
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

/** Calls `visit` for every block of every output channel with the position of its first weight. */
function forBlocks(
  layer: WeightedNode,
  geometry: LayerGeometry,
  grams: LayerGrams,
  visit: (output: number, at: number, block: BlockMoments) => void,
): void {
  for (let output = 0; output < layer.outputs; output++) {
    let at = output * layer.perOutput;
    for (const block of grams[Math.floor(output / geometry.outputsPerGroup)]) {
      visit(output, at, block);
      at += block.factor.n;
    }
  }
}
