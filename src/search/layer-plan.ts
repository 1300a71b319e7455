/** Plans one weighted layer: deployable scales, rounded codes and the bias that absorbs the mean error of the rounding. */
import type { NumericProfile } from '../arithmetic/profile.ts';
import type { WeightQuantization } from '../graph/quantization-plan.ts';
import { type ChannelMeans, correctedBias } from '../quantize/bias-correction.ts';
import type { CodeGrid } from '../quantize/code-grid.ts';
import type { LayerGeometry } from '../quantize/layer-geometry.ts';
import { roundMeanPreserving } from '../quantize/rounding/mean-preserving.ts';
import { roundNearest } from '../quantize/rounding/nearest.ts';
import { deployableWeightScales } from '../quantize/weight-steps.ts';
import type { WeightedNode } from '../quantize/weighted-nodes.ts';
import { type LayerGrams, roundLayerByGram, targetWeights } from './layer-grams.ts';

export type Rounding = 'nearest' | 'mean-preserving' | 'gram';

/** A weighted layer with all that stays the same during a search. */
export interface Layer {
  readonly weighted: WeightedNode;
  /** Null where bias correction and second-order rounding do not apply (gather, transposed convolution). */
  readonly geometry: LayerGeometry | null;
  readonly coverage: Float64Array;
  readonly bits: number;
  readonly grid: CodeGrid;
  /** Channel means of the layer's input in the float network. */
  readonly floatMeans: ChannelMeans | null;
}

export interface LayerRequest {
  readonly steps: Float64Array;
  readonly inputScale: number;
  readonly rounding: Rounding;
  /** Second moments of the inputs, for `gram`; null falls back to mean-preserving rounding. */
  readonly grams: LayerGrams | null;
  /** Factors on the steps to try; each output channel takes the one with the least output error. Only with `grams`. */
  readonly factors: readonly number[];
  readonly correctBias: boolean;
  /** Channel means of the input in the quantized network; null: those of the float network. */
  readonly quantizedMeans: ChannelMeans | null;
}

interface RoundedWeights {
  readonly scales: Float32Array<ArrayBuffer>;
  readonly codes: Int8Array<ArrayBuffer>;
}

export function planLayer(layer: Layer, request: LayerRequest, profile: NumericProfile): WeightQuantization {
  const { scales, codes } = roundLayer(layer, request, profile);
  const bias = request.correctBias ? absorbShift(layer, codes, scales, request.quantizedMeans) : null;
  return { bits: layer.bits, perChannel: scales.length > 1, scales, codes, bias };
}

function roundLayer(layer: Layer, request: LayerRequest, profile: NumericProfile): RoundedWeights {
  const { weighted, grid, geometry } = layer;
  const scalesAt = (factor: number): Float32Array<ArrayBuffer> => {
    const steps = request.steps.map((step) => step * factor);
    return deployableWeightScales(steps, weighted.bias, request.inputScale, profile);
  };
  const scales = scalesAt(1);
  if (request.rounding === 'nearest' || geometry === null) {
    return { scales, codes: roundNearest(weighted.weights, weighted.outputs, scales, grid) };
  }
  if (request.rounding === 'gram' && request.grams !== null) {
    return bestOfFactors(layer, geometry, request.grams, request.factors.map(scalesAt));
  }
  return { scales, codes: roundMeanPreserving(weighted.weights, weighted.outputs, scales, grid) };
}

/** Rounds at every candidate and takes, channel by channel (or for the whole layer where it has one scale), the least output error. */
function bestOfFactors(
  { weighted, grid }: Layer,
  geometry: LayerGeometry,
  grams: LayerGrams,
  candidates: readonly Float32Array<ArrayBuffer>[],
): RoundedWeights {
  const target = targetWeights(weighted, geometry, grams);
  const rounded = candidates.map((scales) => roundLayerByGram(weighted, geometry, target, scales, grid, grams));
  const isSingle = candidates[0].length === 1;
  const totals = rounded.map(({ errors }) => errors.reduce((sum, error) => sum + error, 0));
  const codes = new Int8Array(weighted.weights.length);
  const scales = candidates[0].slice();
  for (let output = 0; output < weighted.outputs; output++) {
    const judged = isSingle ? totals : rounded.map(({ errors }) => errors[output]);
    const best = judged.indexOf(Math.min(...judged));
    scales[isSingle ? 0 : output] = candidates[best][isSingle ? 0 : output];
    const at = output * weighted.perOutput;
    codes.set(rounded[best].codes.subarray(at, at + weighted.perOutput), at);
  }
  return { scales, codes };
}

/** The bias that restores the layer's mean outputs, or null where the layer has no such form. */
export function absorbShift(
  layer: Layer,
  codes: Int8Array,
  scales: Float32Array,
  quantizedMeans: ChannelMeans | null,
): Float32Array<ArrayBuffer> | null {
  const { geometry, floatMeans, weighted, coverage } = layer;
  if (geometry === null || floatMeans === null) return null;
  return correctedBias(weighted, geometry, coverage, codes, scales, floatMeans, quantizedMeans ?? floatMeans);
}
