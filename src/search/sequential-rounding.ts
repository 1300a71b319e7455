/**
 * The last word on the weights: layer after layer, in the order of execution, codes are rounded against the correlation of the inputs
 * that the layers before, already settled, really deliver, and the bias absorbs what shift is left.
 */
import type { QuantizationPlan, WeightQuantization } from '../graph/quantization-plan.ts';
import { plannedActivation } from '../lower/describe-tensor.ts';
import type { ChannelMeans } from '../quantize/bias-correction.ts';
import type { LayerGeometry } from '../quantize/layer-geometry.ts';
import type { Evaluator } from './evaluator.ts';
import { createPatchCollector, type LayerGrams, momentsOfPatches } from './layer-grams.ts';
import { absorbShift, type Layer, planLayer, type Rounding } from './layer-plan.ts';
import type { Setup } from './setup.ts';
import type { WideInput } from './wide-inputs.ts';

export interface SequentialOptions {
  /** `keep`: codes stay as they are, only biases change. */
  readonly rounding: Rounding | 'keep';
  readonly correctBias: boolean;
  /** Calibration samples that correlations are taken from. */
  readonly samples: number;
  readonly damping: number;
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
}

/** Settles every layer of `plan`; scales stay. Layers of 8 bits keep their codes and only get their bias corrected. */
export async function roundSequentially(
  setup: Setup,
  evaluator: Evaluator,
  plan: QuantizationPlan,
  options: SequentialOptions,
): Promise<SettledPlan> {
  let settled = plan;
  const means: (ChannelMeans | null)[] = [];
  for (const [index, layer] of setup.layers.entries()) {
    if (options.stopped?.()) return { plan, means: setup.layers.map(() => null) };
    const { entry, quantizedMeans } = await settleLayer(setup, evaluator, settled, layer, options, index);
    means.push(quantizedMeans);
    const weights = new Map(settled.weights).set(layer.weighted.node.name, entry);
    settled = { activations: plan.activations, weights };
    options.onLayer?.(index + 1, setup.layers.length);
  }
  return { plan: settled, means };
}

async function settleLayer(
  setup: Setup,
  evaluator: Evaluator,
  plan: QuantizationPlan,
  layer: Layer,
  options: SequentialOptions,
  index: number,
): Promise<{ entry: WeightQuantization; quantizedMeans: ChannelMeans | null }> {
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
  const value = node.inputs[0];
  const grams = rounding === 'gram' ? await gramsOf(evaluator, plan, value, geometry, options, index) : null;
  const request = {
    steps: Float64Array.from(before.scales),
    inputScale: plannedActivation(plan, value).scale,
    rounding,
    grams,
    factors: options.factors,
    correctBias: options.correctBias,
    quantizedMeans,
  };
  return { entry: planLayer(layer, request, setup.profile), quantizedMeans };
}

async function gramsOf(
  evaluator: Evaluator,
  plan: QuantizationPlan,
  value: string,
  geometry: LayerGeometry,
  options: SequentialOptions,
  index: number,
): Promise<LayerGrams> {
  const samples = Math.min(options.samples, evaluator.fitting);
  const collector = createPatchCollector(geometry, samples, options.seed + index);
  await evaluator.codes(plan, value, samples, collector.add);
  const float = options.wideInputs[index]?.patches ?? null;
  return momentsOfPatches(evaluator.products, geometry, collector.patches(), float, options.damping);
}
