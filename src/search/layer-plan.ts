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
import { type LayerGrams, roundLayerByGram } from './layer-grams.ts';

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
  readonly correctBias: boolean;
  /** Channel means of the input in the quantized network; null: those of the float network. */
  readonly quantizedMeans: ChannelMeans | null;
}

export function planLayer(layer: Layer, request: LayerRequest, profile: NumericProfile): WeightQuantization {
  const { weighted, bits } = layer;
  const scales = deployableWeightScales(request.steps, weighted.bias, request.inputScale, profile);
  const codes = roundLayer(layer, scales, request);
  const bias = request.correctBias ? absorbShift(layer, codes, scales, request.quantizedMeans) : null;
  return { bits, perChannel: scales.length > 1, scales, codes, bias };
}

function roundLayer(layer: Layer, scales: Float32Array, request: LayerRequest): Int8Array<ArrayBuffer> {
  const { weighted, grid } = layer;
  if (request.rounding === 'nearest' || layer.geometry === null) {
    return roundNearest(weighted.weights, weighted.outputs, scales, grid);
  }
  if (request.rounding === 'gram' && request.grams !== null) {
    return roundLayerByGram(weighted, layer.geometry, scales, grid, request.grams).codes;
  }
  return roundMeanPreserving(weighted.weights, weighted.outputs, scales, grid);
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
