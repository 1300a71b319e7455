/**
 * The second moments of a layer's inputs: what rounding is fitted to and judged by. A wide layer is cut into blocks of whole input channels,
 * each on its own: the cost of a block grows with the cube of its size.
 */
import type { WeightQuantization } from '../graph/quantization-plan.ts';
import type { LayerGeometry } from '../quantize/layer-geometry.ts';
import type { WeightedNode } from '../quantize/weighted-nodes.ts';
import { type CodeProducts, codeProductsBytes } from '../simulate/code-products.ts';
import { covariances } from './covariances.ts';
import { type LayerPatches, patchRows } from './layer-patches.ts';

export interface BlockMoments {
  /** Weights of one output channel. */
  readonly n: number;
  /** Covariance [n][n] of the inputs. */
  readonly own: Float64Array<ArrayBuffer>;
  /** Covariance of the float network's inputs (rows) with these (columns); null: they are the same. */
  readonly cross: Float64Array<ArrayBuffer> | null;
}

/** What is known of each block of consecutive weights, per group of outputs. */
export type PerBlock<T> = readonly (readonly T[])[];
export type LayerMoments = PerBlock<BlockMoments>;

/** Largest block, in weights of one output channel. */
const blockMax = 1152;
/** Matrices of a layer that are in hand at once: moments to fit and to judge by, a damped copy, its factor and inverse. */
const workingMatrices = 8;

/** Memory of one layer's patches and moments: what is kept of them, and what their making takes on top. Codes take `codeBytes` each. */
export function momentBytes(geometry: LayerGeometry, codeBytes: number): { held: number; working: number } {
  const blocks = blocksOf(geometry).map(([from, to]) => to - from);
  const n = geometry.channelsPerGroup * geometry.taps;
  const { fitting, heldOut } = patchRows(geometry);
  const matrixBytes = blocks.reduce((sum, size) => sum + Float64Array.BYTES_PER_ELEMENT * size * size, 0);
  return {
    held: geometry.groups * (codeBytes * n * (fitting + heldOut) + 2 * matrixBytes),
    working: codeProductsBytes(Math.max(...blocks)) + workingMatrices * geometry.groups * matrixBytes,
  };
}

/** `float` holds patches of the float network's inputs at the same positions, or null to take `patches` for them. */
export function momentsOfPatches(
  products: CodeProducts,
  geometry: LayerGeometry,
  patches: LayerPatches,
  float: LayerPatches | null,
): LayerMoments {
  return patches.map((own, group) =>
    blocksOf(geometry).map(([from, to]) => ({
      n: to - from,
      own: covariances(products, own, own, from, to),
      cross: float === null ? null : covariances(products, float[group], own, from, to),
    })),
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

/**
 * Variance of the difference between a layer's outputs with the codes of `entry` on these inputs and with its own weights on the float
 * network's, summed over its output channels; less a part that is the same for all codes, so that it may be negative.
 */
export function outputError(
  layer: WeightedNode,
  geometry: LayerGeometry,
  { codes, scales }: Pick<WeightQuantization, 'codes' | 'scales'>,
  moments: LayerMoments,
): number {
  let error = 0;
  forBlocks(layer, geometry, moments, (output, at, { n, own, cross }) => {
    const scale = scales[scales.length === 1 ? 0 : output];
    for (let row = 0; row < n; row++) {
      let sum = 0;
      let crossed = 0;
      for (let column = 0; column < n; column++) {
        sum += own[row * n + column] * codes[at + column];
        crossed += (cross ?? own)[row * n + column] * codes[at + column];
      }
      error += scale * (scale * codes[at + row] * sum - 2 * layer.weights[at + row] * crossed);
    }
  });
  return error;
}

/** Calls `visit` for every block of every output channel with the position of its first weight. */
export function forBlocks<T extends { readonly n: number }>(
  { outputs, perOutput }: WeightedNode,
  { outputsPerGroup }: LayerGeometry,
  blocks: PerBlock<T>,
  visit: (output: number, at: number, block: T) => void,
): void {
  for (let output = 0; output < outputs; output++) {
    let at = output * perOutput;
    for (const block of blocks[Math.floor(output / outputsPerGroup)]) {
      visit(output, at, block);
      at += block.n;
    }
  }
}
