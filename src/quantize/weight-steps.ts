/** Weight scales of a layer: per output channel or one, with fallbacks for channels that hold nothing but zeros. */
import type { NumericProfile } from '../arithmetic/profile.ts';
import { codeRange } from '../graph/quantization-plan.ts';
import { deployableScale, snapStep } from './activation-parameters.ts';
import type { CodeGrid, Step } from './code-grid.ts';
import { type Distribution, distributionOfValues } from './distribution.ts';
import type { WeightedNode } from './weighted-nodes.ts';

export function weightGrid(bits: number, profile: NumericProfile): CodeGrid {
  return { ...codeRange(bits, profile.weight.range), zeroPoint: 0 };
}

/** Steps of one layer from `choose`, which sees one distribution with some non-zero value and may answer for several settings at once. */
export function weightSteps(
  layer: WeightedNode,
  grid: CodeGrid,
  perChannel: boolean,
  profile: NumericProfile,
  choose: (distribution: Distribution) => readonly Step[],
): Float64Array<ArrayBuffer>[] {
  const slices = perChannel && !layer.singleScale ? layer.outputs : 1;
  const length = layer.weights.length / slices;
  const settings: Float64Array<ArrayBuffer>[] = [];
  for (let slice = 0; slice < slices; slice++) {
    const distribution = distributionOfValues(layer.weights.subarray(slice * length, (slice + 1) * length));
    if (distribution.min === 0 && distribution.max === 0) continue;
    choose(distribution).forEach((step, setting) => {
      settings[setting] ??= new Float64Array(slices);
      settings[setting][slice] = snapStep(step, distribution, grid, profile.weight.scale).step;
    });
  }
  if (settings.length === 0) return [new Float64Array(slices).fill(1)];
  settings.forEach(fillDeadChannels);
  return settings;
}

/** A dead channel quantizes to zeros whatever its step; the layer's median keeps its requantization in the usual range. */
function fillDeadChannels(steps: Float64Array): void {
  const alive = steps.filter((step) => step > 0).sort();
  const median = alive.length === 0 ? 1 : alive[alive.length >> 1];
  for (let channel = 0; channel < steps.length; channel++) if (!(steps[channel] > 0)) steps[channel] = median;
}

/** Biases keep this much of int32 free for the products that they are added to. */
const biasCodeMax = 2 ** 30;

/**
 * Deployable scales: float32 (powers of two where the target wants them), and large enough for the bias to fit into int32 at
 * inputScale * scale. A nearly dead channel left over from a folded batch norm would otherwise need a bias of any size.
 */
export function deployableWeightScales(
  steps: Float64Array,
  bias: Float32Array | null,
  inputScale: number,
  profile: NumericProfile,
): Float32Array<ArrayBuffer> {
  const largestBias = bias === null ? 0 : bias.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const bits = Math.min(profile.bias.bits, 32);
  return Float32Array.from(steps, (step, channel) => {
    const magnitude = steps.length === 1 ? largestBias : bias === null ? 0 : Math.abs(bias[channel]);
    const least = magnitude / (inputScale * biasCodeMax * 2 ** (bits - 32));
    const scale = deployableScale(Math.max(step, least), profile.weight.scale);
    return scale < least ? deployableScale(2 * least, profile.weight.scale) : scale;
  });
}
