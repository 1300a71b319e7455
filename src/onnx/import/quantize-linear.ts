/**
 * QuantizeLinear and DequantizeLinear of a quantized model. On activations they leave no node: the value is noted to be on that scale.
 * Constants are computed, and noted to be codes times scales.
 */
import type { Shape, Tensor } from '../../base/tensor.ts';
import type { ActivationQuantization } from '../../graph/quantization-plan.ts';
import { type Folder, requireInput } from '../fold/folder.ts';
import { floatsOf, numbersOf, tensorOf } from '../fold/number-array.ts';
import { type CodeType, type QuantizationNotes, sameQuantization } from '../quantization-notes.ts';
import { typeNumbers } from '../tensor-type.ts';
import { normalAxis } from './axis.ts';
import { floatConstant, type ImportContext, requireConstant } from './import-context.ts';
import { invalid, type OnnxNode, unsupported } from './onnx-node.ts';

/** Code ranges by the dtype of the zero point; unsigned codes move down by `lowered`. */
export const codeTypes: ReadonlyMap<string, CodeType> = new Map([
  ['int8', { bits: 8, qMin: -128, qMax: 127, lowered: 0 }],
  ['uint8', { bits: 8, qMin: -128, qMax: 127, lowered: 128 }],
  ['int16', { bits: 16, qMin: -32768, qMax: 32767, lowered: 0 }],
  ['uint16', { bits: 16, qMin: -32768, qMax: 32767, lowered: 32768 }],
  ['int4', { bits: 4, qMin: -8, qMax: 7, lowered: 0 }],
]);

/** The notes of a quantized import; a float import refuses the node. */
export function notesOf(node: OnnxNode, context: ImportContext): QuantizationNotes {
  if (context.notes !== null) return context.notes;
  return unsupported(node, 'belongs to a model that is quantized already', {
    next: 'Use bitwright compile for it, or give the float model to quantize.',
  });
}

/** Scale and zero point that a node has in two inputs, for an activation: one scale, codes as the zero point's type says. */
export function quantizationOf(
  node: OnnxNode,
  context: ImportContext,
  scaleInput: number,
  zeroPointInput: number,
): ActivationQuantization {
  const scale = floatConstant(context, node, scaleInput, 'scale');
  const absent = (node.inputs[zeroPointInput] ?? '') === '';
  const zeroPoint: Tensor = absent
    ? tensorOf('uint8', [], [0])
    : requireConstant(context, node, zeroPointInput, 'zero point');
  const type = codeTypes.get(zeroPoint.dtype);
  if (type === undefined)
    return unsupported(node, 'codes of this type', {
      seen: zeroPoint.dtype,
      allowed: [...codeTypes.keys()].join(', '),
    });
  if (scale.data.length !== 1 || zeroPoint.data.length !== 1)
    return unsupported(node, 'activations with a scale per channel', { seen: `${scale.data.length} scales` });
  if (!(scale.data[0]! > 0 && Number.isFinite(scale.data[0]!)))
    return invalid(node, 'its scale', { seen: scale.data[0]!, allowed: 'above 0' });
  const { bits, qMin, qMax, lowered } = type;
  return { bits, qMin, qMax, scale: scale.data[0]!, zeroPoint: Number(zeroPoint.data[0]!) - lowered };
}

/** Notes that a value is on a scale. On another one already, it is brought there by a node of its own. Returns the value's name. */
export function noteActivation(
  node: OnnxNode,
  context: ImportContext,
  value: string,
  quantization: ActivationQuantization,
): string {
  const { activations } = notesOf(node, context);
  const name = context.value(node, value).name;
  const known = activations.get(name);
  if (known === undefined) activations.set(name, quantization);
  if (known === undefined || sameQuantization(known, quantization)) return name;
  const moved = `${name}/on/${node.name}`;
  context.emit(node, 'requantize', [name], [moved], { clamp: null }, 'requantize');
  activations.set(moved, quantization);
  return moved;
}

export function importQuantizeLinear(node: OnnxNode, context: ImportContext): void {
  context.alias(
    node.outputs[0]!,
    noteActivation(node, context, node.inputs[0] ?? '', quantizationOf(node, context, 1, 2)),
  );
}

/**
 * Notes the scale that codes are read on. Where it is not the one that they were written on, the reals are others from here on: a node of
 * its own says so. Returns the value's name.
 */
export function noteRead(
  node: OnnxNode,
  context: ImportContext,
  value: string,
  quantization: ActivationQuantization,
): string {
  const { activations } = notesOf(node, context);
  const { name } = context.value(node, value);
  const known = activations.get(name);
  if (known === undefined) activations.set(name, quantization);
  if (known === undefined || sameQuantization(known, quantization)) return name;
  if (known.zeroPoint !== quantization.zeroPoint || known.bits !== quantization.bits) {
    unsupported(node, `reads the codes of ${value} on another zero point than they were written on`, {
      seen: quantization.zeroPoint,
      allowed: known.zeroPoint,
    });
  }
  const read = `${name}/read/${node.name}`;
  if (activations.has(read)) return read;
  context.emit(node, 'rescale', [name], [read], { factor: quantization.scale / known.scale }, 'rescale');
  activations.set(read, quantization);
  return read;
}

export function importDequantizeLinear(node: OnnxNode, context: ImportContext): void {
  const quantization = quantizationOf(node, context, 1, 2);
  context.alias(node.outputs[0]!, noteRead(node, context, node.inputs[0] ?? '', quantization));
}

/** Scales spread along one axis of a shape: index of the scale of element i. */
export function scaleIndex(node: OnnxNode, shape: Shape, axis: number, scales: number): (index: number) => number {
  if (scales === 1) return () => 0;
  const at = normalAxis(node, axis, shape.length);
  if (shape[at] !== scales) invalid(node, 'its scales do not fit the axis', { seen: scales, allowed: shape[at]! });
  const inner = shape.slice(at + 1).reduce((product, size) => product * size, 1);
  return (index) => Math.floor(index / inner) % scales;
}

/** (code - zero point) * scale in float32. */
export function dequantized(
  node: OnnxNode,
  codes: Tensor,
  scale: Tensor,
  zeroPoint: Tensor | undefined,
  axis: number,
): Tensor {
  const scales = floatsOf(scale);
  const zeros = zeroPoint === undefined ? [0] : numbersOf(zeroPoint);
  const scaleAt = scaleIndex(node, codes.shape, axis, scales.length);
  const zeroAt = scaleIndex(node, codes.shape, axis, zeros.length);
  const values = codes.data as ArrayLike<number | bigint>;
  const data = new Float32Array(codes.data.length);
  for (let index = 0; index < data.length; index++)
    data[index] = Math.fround(Number(values[index]!) - zeros[zeroAt(index)]!) * scales[scaleAt(index)]!;
  return { dtype: 'float32', shape: codes.shape, data };
}

export const foldDequantizeLinear: Folder = (node, inputs, context) => {
  if (node.attributes.int('block_size', 0) !== 0) unsupported(node, 'scales per block');
  const [codes, scale] = [requireInput(node, inputs, 0), requireInput(node, inputs, 1)];
  const bits = codes.dtype === 'int4' ? 4 : 8;
  context.notes?.weights.set(node.outputs[0]!, { scales: floatsOf(scale).slice(), bits });
  return [dequantized(node, codes, scale, inputs[2], node.attributes.int('axis', 1))];
};

/** Rounds half to even and saturates, as ONNX QuantizeLinear does. */
export const foldQuantizeLinear: Folder = (node, inputs) => {
  if (node.attributes.int('block_size', 0) !== 0) unsupported(node, 'scales per block');
  const [values, scale] = [requireInput(node, inputs, 0), requireInput(node, inputs, 1)];
  const zeroPoint = inputs[2] ?? tensorOf('uint8', [], [0]);
  const type = codeTypes.get(zeroPoint.dtype);
  if (type === undefined || !(zeroPoint.dtype in typeNumbers))
    return unsupported(node, 'codes of this type', { seen: zeroPoint.dtype });
  const axis = node.attributes.int('axis', 1);
  const [scales, zeros] = [floatsOf(scale), numbersOf(zeroPoint)];
  const scaleAt = scaleIndex(node, values.shape, axis, scales.length);
  const zeroAt = scaleIndex(node, values.shape, axis, zeros.length);
  const codes = Array.from(floatsOf(values), (value, index) => {
    const units = Math.fround(value / scales[scaleAt(index)]!);
    const floor = Math.floor(units);
    const rounded = units - floor === 0.5 ? floor + (floor & 1) : Math.round(units);
    return Math.min(Math.max(rounded + zeros[zeroAt(index)]!, type.qMin + type.lowered), type.qMax + type.lowered);
  });
  return [tensorOf(zeroPoint.dtype, values.shape, codes)];
};
