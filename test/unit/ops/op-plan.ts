/** A quantization plan for one-op graphs, from the ranges of given inputs, under any profile. */
import { quantizeValue } from '../../../src/arithmetic/effective-scale.ts';
import type { NumericProfile } from '../../../src/arithmetic/profile.ts';
import type { Tensor } from '../../../src/base/tensor.ts';
import {
  type ActivationQuantization,
  codeRange,
  type QuantizationPlan,
  type WeightQuantization,
} from '../../../src/graph/quantization-plan.ts';
import type { ScaleTie } from '../../../src/ops/op-definition.ts';
import { getOp } from '../../../src/ops/registry.ts';
import type { OpGraph } from './op-graph.ts';

const weightOps = ['conv', 'depthwise-conv', 'conv-transpose', 'fully-connected', 'gather'];

/** Every value quantized to its own range; ties and weights as the op and profile want them. */
export function planOf(
  { graph, node, inputs }: OpGraph,
  profile: NumericProfile,
  weightBits: number,
): QuantizationPlan {
  const op = getOp(node.op);
  const real = op.runFloat(
    node,
    node.inputs.map((name) => inputs.get(name) ?? graph.constants.get(name)),
  );
  const valuesOf = (name: string): number[] => {
    const tensor = inputs.get(name) ?? real[node.outputs.indexOf(name)];
    return Array.from(tensor.data as Float32Array, Number);
  };
  const names = [...graph.values.values()].filter(({ dtype }) => dtype === 'float32').map(({ name }) => name);
  const tie: ScaleTie = typeof op.scaleTie === 'function' ? op.scaleTie(node, profile) : op.scaleTie;
  const activations = new Map<string, ActivationQuantization>();
  const shared = rangeQuantization(names.flatMap(valuesOf), profile);
  for (const name of names)
    activations.set(name, tie === 'shared' ? shared : rangeQuantization(valuesOf(name), profile));
  const weight = graph.constants.get(node.op === 'gather' ? node.inputs[0] : node.inputs[1]);
  const weights = new Map<string, WeightQuantization>();
  if (weightOps.includes(node.op))
    weights.set(node.name, weightQuantization(weight!, profile, weightBits, node.op === 'gather'));
  if (typeof tie === 'object') {
    const { qMin, qMax } = codeRange(8);
    activations.set(node.outputs[0], {
      bits: 8,
      scale: tie.scale,
      zeroPoint: qMin + tie.zeroPointFromLowest,
      qMin,
      qMax,
    });
  }
  return { activations, weights };
}

function powerAbove(scale: number): number {
  return 2 ** Math.ceil(Math.log2(scale));
}

function rangeQuantization(values: readonly number[], profile: NumericProfile): ActivationQuantization {
  const [bits] = profile.activation.bits;
  const { qMin, qMax } = codeRange(bits);
  const low = values.reduce((least, value) => Math.min(least, value), 0);
  const high = values.reduce((most, value) => Math.max(most, value), 1e-3);
  const { zeroPoint: kind } = profile.activation;
  const spread =
    kind === 'none' ? (2 * Math.max(high, -low)) / (qMax - qMin - 1) : (high - Math.min(low, 0)) / (qMax - qMin);
  const step = kind === 'unsigned' ? high / (qMax - qMin) : spread;
  const scale = profile.activation.scale === 'power-of-two' ? powerAbove(step) : Math.fround(step);
  const free = Math.min(Math.max(Math.round(qMin - low / scale), qMin), qMax);
  const zeroPoint = kind === 'none' ? 0 : kind === 'unsigned' ? qMin : free;
  return { bits, scale, zeroPoint, qMin, qMax };
}

function weightQuantization(
  weight: Tensor,
  profile: NumericProfile,
  bits: number,
  oneScale: boolean,
): WeightQuantization {
  const perChannel = profile.weight.perChannel && !oneScale;
  const { qMin, qMax } = codeRange(bits, profile.weight.range);
  const data = weight.data as Float32Array;
  const groups = perChannel ? weight.shape[0] : 1;
  const size = data.length / groups;
  const scales = Float32Array.from({ length: groups }, (_, group) => {
    const largest = data
      .subarray(group * size, (group + 1) * size)
      .reduce((most, value) => Math.max(most, Math.abs(value)), 1e-3);
    return profile.weight.scale === 'power-of-two' ? powerAbove(largest / qMax) : largest / qMax;
  });
  const codes = Int8Array.from(data, (value, index) =>
    Math.min(Math.max(Math.round(value / scales[Math.floor(index / size)]), qMin), qMax),
  );
  return { bits, perChannel, scales, codes, bias: null };
}

/** A float tensor on the grid of its quantization: codes (graph order) and the reals they stand for. */
export function onGrid(
  tensor: Tensor,
  quantization: ActivationQuantization,
  profile: NumericProfile,
): { codes: number[]; real: Tensor } {
  const codes = Array.from(tensor.data as Float32Array, (value) =>
    quantizeValue(profile.quantizeInput, value, quantization),
  );
  const real = Float32Array.from(codes, (code) => (code - quantization.zeroPoint) * quantization.scale);
  return { codes, real: { ...tensor, data: real } };
}
