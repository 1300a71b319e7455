/**
 * The last word on the weights: layer after layer, in the order of execution, codes are rounded against the correlation of the inputs
 * that the layers before, already settled, really deliver, and the bias absorbs what shift is left.
 */
import type { QuantizationPlan, WeightQuantization } from '../graph/quantization-plan.ts';
import { plannedActivation } from '../lower/describe-tensor.ts';
import type { ChannelMeans } from '../quantize/bias-correction.ts';
import type { LayerGeometry } from '../quantize/layer-geometry.ts';
import type { Evaluator } from './evaluator.ts';
import { usualDamping, walkDampings } from './held-out-damping.ts';
import { gramsOfMoments, type LayerGrams } from './layer-grams.ts';
import { type LayerMoments, momentsOfPatches, outputError } from './layer-moments.ts';
import { collectPatches } from './layer-patches.ts';
import { absorbShift, type Layer, planLayer, type Rounding } from './layer-plan.ts';
import type { Setup } from './setup.ts';
import type { WideInput } from './wide-inputs.ts';

export interface SequentialOptions {
  /** `keep`: codes stay as they are, only biases change. */
  readonly rounding: Rounding | 'keep';
  readonly correctBias: boolean;
  /** Calibration samples that correlations are taken from. */
  readonly samples: number;
  /** Of the moments; `held-out`: by the one of each layer with the least error on samples that are held out. */
  readonly damping: number | 'held-out';
  /** Times the damping that was found so; absent: 1. */
  readonly dampingMargin?: number;
  readonly factors: readonly number[];
  /** The float network's inputs to make up for, by position in `setup.layers`; none: only rounding errors are compensated. */
  readonly wideInputs: readonly (WideInput | null)[];
  readonly seed: number;
  readonly onLayer?: (done: number, total: number) => void;
  readonly stopped?: () => boolean;
}

export interface SettledPlan {
  readonly plan: QuantizationPlan;
  /** Channel means of each layer's input, by position in `setup.layers`; null where they were not taken. */
  readonly means: readonly (ChannelMeans | null)[];
  /** Of the layers that were rounded against moments, in their order, margin included. */
  readonly dampings: readonly number[];
}

/** Settles every layer of `plan`; scales stay. Layers of 8 bits keep their codes and only get their bias corrected. */
export async function roundSequentially(
  setup: Setup,
  evaluator: Evaluator,
  plan: QuantizationPlan,
  options: SequentialOptions,
): Promise<SettledPlan> {
  let settled = plan;
  const isSought = options.damping === 'held-out';
  const margin = isSought ? (options.dampingMargin ?? 1) : 1;
  let damping = isSought ? usualDamping : options.damping;
  const means: (ChannelMeans | null)[] = [];
  const dampings: number[] = [];
  for (const [index, layer] of setup.layers.entries()) {
    if (options.stopped?.()) return { plan, means: setup.layers.map(() => null), dampings: [] };
    const own = await settleLayer({ setup, evaluator, plan: settled, options, index, damping, margin }, layer);
    means.push(own.quantizedMeans);
    if (own.damping !== undefined) {
      damping = own.damping;
      dampings.push(margin * damping);
    }
    const weights = new Map(settled.weights).set(layer.weighted.node.name, own.entry);
    settled = { activations: plan.activations, weights };
    options.onLayer?.(index + 1, setup.layers.length);
  }
  return { plan: settled, means, dampings };
}

interface Step {
  readonly setup: Setup;
  readonly evaluator: Evaluator;
  /** With all layers before settled. */
  readonly plan: QuantizationPlan;
  readonly options: SequentialOptions;
  /** Of the layer. */
  readonly index: number;
  /** That was found for the layer before. */
  readonly damping: number;
  /** Times the damping that is found. */
  readonly margin: number;
}

interface SettledLayer {
  readonly entry: WeightQuantization;
  readonly quantizedMeans: ChannelMeans | null;
  /** That was found, where there is one. */
  readonly damping?: number;
}

async function settleLayer(step: Step, layer: Layer): Promise<SettledLayer> {
  const { setup, evaluator, plan, options } = step;
  const { node } = layer.weighted;
  const before = plan.weights.get(node.name) as WeightQuantization;
  const { geometry } = layer;
  if (geometry === null) return { entry: before, quantizedMeans: null };
  const { rounding } = options;
  const keepsCodes = layer.bits >= 8 || rounding === 'nearest' || rounding === 'keep';
  // Means are compared with the float network's over all samples, so they must be over all samples too: the difference of two subsets
  // would be noise.
  const quantizedMeans = await evaluator.channelMeans(plan, node.inputs[0], geometry.channels);
  if (keepsCodes) {
    const bias = options.correctBias ? absorbShift(layer, before.codes, before.scales, quantizedMeans) : before.bias;
    return { entry: bias === before.bias ? before : { ...before, bias }, quantizedMeans };
  }
  const planWith = (grams: LayerGrams | null): WeightQuantization => {
    const inputScale = plannedActivation(plan, node.inputs[0]).scale;
    const { factors, correctBias } = options;
    const steps = Float64Array.from(before.scales);
    return planLayer(
      layer,
      { steps, inputScale, rounding, grams, factors, correctBias, quantizedMeans },
      setup.profile,
    );
  };
  if (rounding !== 'gram') return { entry: planWith(null), quantizedMeans };
  return { ...(await roundByMoments(step, layer, geometry, planWith)), quantizedMeans };
}

/** Against the correlation of the inputs that `plan` delivers, and towards what the float network's would have made of them. */
async function roundByMoments(
  { evaluator, plan, options, index, damping: before, margin }: Step,
  { weighted }: Layer,
  geometry: LayerGeometry,
  planWith: (grams: LayerGrams) => WeightQuantization,
): Promise<{ entry: WeightQuantization; damping: number }> {
  const { samples, seed } = options;
  const patchOptions = { samples, judged: options.damping === 'held-out', seed: seed + index };
  const patches = await collectPatches(evaluator, plan, weighted.node.inputs[0], geometry, patchOptions);
  const float = options.wideInputs[index] ?? null;
  const momentsOf = (part: 'fitting' | 'heldOut'): LayerMoments | null => {
    const own = patches[part];
    return own === null ? null : momentsOfPatches(evaluator.products, geometry, own, float?.patches[part] ?? null);
  };
  const [fitting, heldOut] = [momentsOf('fitting') as LayerMoments, momentsOf('heldOut')];
  const entryAt = (damping: number): WeightQuantization =>
    planWith(gramsOfMoments(fitting, damping, float?.grams ?? null));
  const errorAt = (damping: number): number =>
    outputError(weighted, geometry, entryAt(damping), heldOut as LayerMoments);
  const damping = heldOut === null ? before : walkDampings(before, errorAt);
  return { entry: entryAt(margin * damping), damping };
}
