/**
 * What the search minimises: how far the integer program's outputs are from the float model's, sample by sample. The default for
 * classifiers is the Kullback-Leibler divergence of the softmax of the logits, which needs no labels.
 */
import { BitwrightError } from '../base/errors.ts';
import type { Tensor } from '../base/tensor.ts';
import { transposeTensor } from '../base/tensor.ts';
import type { Statistics } from '../calibrate/statistics.ts';
import type { Metric } from '../data/dataset.ts';
import { type Graph, producerOf } from '../graph/graph.ts';
import type { ProgramTensor } from '../graph/integer-program.ts';
import { physicalPermutation } from '../graph/physical-layout.ts';
import { scoresOf } from '../lower/epilogue.ts';
import type { CodeArray } from '../simulate/engine.ts';

/**
 * `kl`: divergence from the float model's class probabilities. `cross-entropy`: of the labels. `binary-kl`: divergence of independent
 * probabilities (an output behind a sigmoid). `mse`: squared error over the variance of the float output.
 */
export type ObjectiveKind = 'kl' | 'cross-entropy' | 'binary-kl' | 'mse';

export interface ObjectiveTerm {
  readonly kind: ObjectiveKind;
  /** Graph value whose codes are judged: the logits where the graph ends in a softmax. */
  readonly value: string;
  /** Float reference in physical order, `width` values a sample. */
  readonly reference: Float32Array<ArrayBuffer>;
  readonly width: number;
  readonly labels: Int32Array<ArrayBuffer> | null;
  /** Divides squared errors. */
  readonly variance: number;
  /** Divides logits before a `kl` divergence, which is multiplied by its square. */
  readonly temperature: number;
}

export interface ObjectiveRequest {
  readonly kind: ObjectiveKind | 'auto';
  readonly labels: Int32Array<ArrayBuffer> | null;
  readonly metric: Metric;
  readonly temperature: number;
}

/**
 * One term per graph output that reals decide. `outputs` are the float model's values on the samples that the loss is of. Throws
 * DATASET_INVALID for a cross-entropy without fitting labels.
 */
export function objectiveOf(graph: Graph, outputs: Statistics['outputs'], request: ObjectiveRequest): ObjectiveTerm[] {
  const judged = graph.outputs.filter((output) => graph.values.get(scoresOf(graph, output))?.dtype === 'float32');
  if (judged.length === 0) {
    throw new BitwrightError('SEARCH_FAILED', {
      message: 'no output of the model is made of real numbers, so there is no loss to search by',
      where: `outputs ${graph.outputs.join(', ')}`,
      next: 'Give the model the values as outputs that these are made from.',
    });
  }
  return judged.map((output) => {
    const value = scoresOf(graph, output);
    const float = outputs.get(value);
    if (float === undefined) {
      throw new BitwrightError('CALIBRATION_FAILED', {
        message: 'the calibration statistics lack the float values of an output',
        where: `value ${value}`,
      });
    }
    const kind = request.kind === 'auto' ? automaticKind(graph, output, float, request) : request.kind;
    const width = float.data.length / float.shape[0];
    if (kind === 'cross-entropy') checkLabels(request.labels, width, float.shape[0]);
    return {
      kind,
      value,
      reference: physicalRows(float),
      width,
      labels: kind === 'cross-entropy' ? request.labels : null,
      variance: varianceOf(float.data),
      temperature: request.temperature,
    };
  });
}

function automaticKind(graph: Graph, output: string, float: Tensor, { metric }: ObjectiveRequest): ObjectiveKind {
  const producer = producerOf(graph, output);
  if (producer?.op === 'softmax') return 'kl';
  if (producer?.op === 'arg-max') return float.shape.length === 2 ? 'kl' : 'mse';
  if (producer?.op === 'sigmoid') return 'binary-kl';
  return metric === 'top-1' && float.shape.length === 2 && float.shape[1] > 1 ? 'kl' : 'mse';
}

function checkLabels(labels: Int32Array | null, width: number, samples: number): void {
  const wrong = labels?.findIndex((label) => label < 0 || label >= width) ?? 0;
  if (labels !== null && labels.length >= samples && wrong < 0) return;
  throw new BitwrightError('DATASET_INVALID', {
    message: labels === null ? 'a cross-entropy objective needs labels' : 'the labels do not fit the outputs',
    where: labels === null ? 'calibration data' : `label of sample ${Math.max(0, wrong)}`,
    ...(labels === null ? {} : { seen: labels[wrong] ?? labels.length, allowed: `0 to ${width - 1}` }),
    next: 'Give labels in the manifest, or leave the objective at its default, which needs none.',
  });
}

function physicalRows(float: Tensor<Float32Array<ArrayBuffer>>): Float32Array<ArrayBuffer> {
  if (float.shape.length < 3) return float.data;
  return transposeTensor(float, physicalPermutation(float.shape.length)).data;
}

function varianceOf(values: Float32Array): number {
  let sum = 0;
  let square = 0;
  for (const value of values) {
    sum += value;
    square += value * value;
  }
  const mean = sum / values.length;
  return Math.max(square / values.length - mean * mean, 1e-12);
}

/** The same term over other samples, in their order. */
export function selectSamples(term: ObjectiveTerm, samples: readonly number[]): ObjectiveTerm {
  const { width, reference, labels } = term;
  const selected = new Float32Array(samples.length * width);
  samples.forEach((sample, index) => {
    selected.set(reference.subarray(sample * width, (sample + 1) * width), index * width);
  });
  return {
    ...term,
    reference: selected,
    labels: labels === null ? null : Int32Array.from(samples, (sample) => labels[sample]),
  };
}

/** Loss of each of the first `samples` samples. `codes` are those of `term.value`. */
export function sampleLosses(
  term: ObjectiveTerm,
  codes: CodeArray,
  tensor: Pick<ProgramTensor, 'scale' | 'zeroPoint'>,
  samples: number,
): Float64Array<ArrayBuffer> {
  const { width, reference } = term;
  const float = new Float64Array(width);
  const quantized = new Float64Array(width);
  return Float64Array.from({ length: samples }, (_, sample) => {
    const start = sample * width;
    for (let index = 0; index < width; index++) {
      float[index] = reference[start + index];
      quantized[index] = tensor.scale * (codes[start + index] - tensor.zeroPoint);
    }
    switch (term.kind) {
      case 'kl':
        return divergence(float, quantized, term.temperature);
      case 'cross-entropy':
        return logSumExp(quantized) - quantized[(term.labels as Int32Array)[sample]];
      case 'binary-kl':
        return binaryDivergence(float, quantized);
      case 'mse':
        return squaredError(float, quantized) / term.variance;
    }
  });
}

/** Mean loss of the float model itself, over all samples and terms: 0 but for a cross-entropy. */
export function floatLoss(terms: readonly ObjectiveTerm[]): number {
  return terms.reduce((total, { kind, reference, width, labels }) => {
    if (kind !== 'cross-entropy') return total;
    const samples = reference.length / width;
    let sum = 0;
    for (let sample = 0; sample < samples; sample++) {
      const row = Float64Array.from(reference.subarray(sample * width, (sample + 1) * width));
      sum += logSumExp(row) - row[(labels as Int32Array)[sample]];
    }
    return total + sum / samples;
  }, 0);
}

function logSumExp(values: Float64Array): number {
  let largest = -Infinity;
  for (const value of values) largest = Math.max(largest, value);
  let sum = 0;
  for (const value of values) sum += Math.exp(value - largest);
  return largest + Math.log(sum);
}

/** KL(softmax(p / T) || softmax(q / T)) * T^2 of two rows of logits, which are divided in place. */
export function divergence(p: Float64Array, q: Float64Array, temperature = 1): number {
  for (let index = 0; index < p.length; index++) {
    p[index] /= temperature;
    q[index] /= temperature;
  }
  const [normP, normQ] = [logSumExp(p), logSumExp(q)];
  let sum = 0;
  for (let index = 0; index < p.length; index++) {
    const logP = p[index] - normP;
    sum += Math.exp(logP) * (logP - (q[index] - normQ));
  }
  return sum * temperature ** 2;
}

/** Probabilities closer to 0 or 1 than half of an 8-bit step are as good as that. */
const probabilityMin = 1 / 512;

function binaryDivergence(p: Float64Array, q: Float64Array): number {
  let sum = 0;
  for (let index = 0; index < p.length; index++) {
    const bounded = Math.min(1 - probabilityMin, Math.max(probabilityMin, q[index]));
    const own = Math.min(1 - 1e-12, Math.max(1e-12, p[index]));
    sum += own * Math.log(own / bounded) + (1 - own) * Math.log((1 - own) / (1 - bounded));
  }
  return sum / p.length;
}

function squaredError(p: Float64Array, q: Float64Array): number {
  let sum = 0;
  for (let index = 0; index < p.length; index++) sum += (p[index] - q[index]) ** 2;
  return sum / p.length;
}
