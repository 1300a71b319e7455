/** ONNX operators that move elements: Transpose, Concat, Split, Slice, Pad, DepthToSpace, SpaceToDepth. */
import type { Shape } from '../../base/tensor.ts';
import { integerList, normalAxis } from './axis.ts';
import { realOfCode, scaleReadOn } from './code-flow.ts';
import { floatConstant, type ImportContext } from './import-context.ts';
import { invalid, type OnnxNode, unsupported } from './onnx-node.ts';
import { noteRead } from './quantize-linear.ts';

export function permutationOf(node: OnnxNode, rank: number): number[] {
  const permutation = node.attributes.ints('perm') ?? Array.from({ length: rank }, (_, axis) => rank - 1 - axis);
  const sorted = [...permutation].sort((a, b) => a - b);
  if (sorted.length !== rank || sorted.some((axis, index) => axis !== index))
    invalid(node, 'perm is no permutation', { seen: `[${permutation.join(',')}]`, allowed: `axes 0 to ${rank - 1}` });
  return permutation;
}

export function importTranspose(node: OnnxNode, context: ImportContext): void {
  const { shape } = context.value(node, node.inputs[0] ?? '');
  const permutation = permutationOf(node, shape.length);
  if (permutation[0] !== 0)
    unsupported(node, 'moves the batch axis', {
      seen: `perm [${permutation.join(',')}]`,
      allowed: 'axis 0 stays first',
    });
  context.emit(node, 'transpose', [node.inputs[0]!], node.outputs, { permutation });
}

export function importConcat(node: OnnxNode, context: ImportContext): void {
  const { shape } = context.value(node, node.inputs[0] ?? '');
  const axis = normalAxis(node, node.attributes.int('axis', 1), shape.length);
  if (axis === 0) unsupported(node, 'joins along the batch axis');
  if (node.inputs.length === 1) context.alias(node.outputs[0]!, node.inputs[0]!);
  else context.emit(node, 'concat', codesOnOneScale(node, context), node.outputs, { axis });
}

/** Codes that are joined as they are mean what the codes of the result mean. */
function codesOnOneScale(node: OnnxNode, context: ImportContext): readonly string[] {
  const { notes } = context;
  const first = node.inputs[0]!;
  if (notes?.codes.has(first) !== true) return node.inputs;
  const scale = notes.activations.get(context.value(node, first).name) ?? scaleReadOn(node.outputs[0]!, context);
  return node.inputs.map((input) => noteRead(node, context, input, scale));
}

/** Sizes come as attribute (up to opset 12), input, or are equal parts of the axis. */
export function splitSizes(node: OnnxNode, context: ImportContext, shape: Shape, axis: number): number[] {
  const count = node.outputs.length;
  const part = Math.ceil(shape[axis]! / count);
  const equal = Array.from({ length: count }, (_, index) => Math.min(part, shape[axis]! - index * part));
  const sizes = integerList(node, context, 1, 'split') ?? equal;
  if (
    sizes.length !== count ||
    sizes.some((size) => size < 0) ||
    sizes.reduce((sum, size) => sum + size, 0) !== shape[axis]
  ) {
    invalid(node, 'its sizes do not fit the axis', {
      seen: `[${sizes.join(',')}]`,
      allowed: `${count} sizes that sum to ${shape[axis]}`,
    });
  }
  return sizes;
}

export function importSplit(node: OnnxNode, context: ImportContext): void {
  const { shape } = context.value(node, node.inputs[0] ?? '');
  const axis = normalAxis(node, node.attributes.int('axis', 0), shape.length);
  if (axis === 0) unsupported(node, 'splits the batch axis');
  context.emit(node, 'split', [node.inputs[0]!], node.outputs, { axis, sizes: splitSizes(node, context, shape, axis) });
}

export interface SliceRange {
  readonly begin: number[];
  readonly end: number[];
  readonly step: number[];
}

/** Starts and ends clamped to the axis as in ONNX Slice-13; a negative step stays negative, its end may be -1 (before the first). */
export function sliceRange(node: OnnxNode, context: ImportContext, shape: Shape): SliceRange {
  const starts = integerList(node, context, 1, 'starts') ?? invalid(node, 'has no starts');
  const ends = integerList(node, context, 2, 'ends') ?? invalid(node, 'has no ends');
  const axes = (integerList(node, context, 3, 'axes') ?? starts.map((_, axis) => axis)).map((axis) =>
    normalAxis(node, axis, shape.length),
  );
  const steps = integerList(node, context, 4, 'steps') ?? starts.map(() => 1);
  if (
    ends.length !== starts.length ||
    axes.length !== starts.length ||
    steps.length !== starts.length ||
    steps.includes(0)
  )
    invalid(node, 'its starts, ends, axes and steps do not fit together');
  const range = { begin: shape.map(() => 0), end: [...shape], step: shape.map(() => 1) };
  axes.forEach((axis, index) => {
    const size = shape[axis]!;
    const step = steps[index]!;
    const limit = (value: number, low: number, high: number): number =>
      Math.min(Math.max(value < 0 ? value + size : value, low), high);
    range.begin[axis] = step > 0 ? limit(starts[index]!, 0, size) : limit(starts[index]!, 0, size - 1);
    range.end[axis] = step > 0 ? limit(ends[index]!, 0, size) : limit(ends[index]!, -1, size - 1);
    range.step[axis] = step;
  });
  return range;
}

export function importSlice(node: OnnxNode, context: ImportContext): void {
  const input = node.inputs[0] ?? '';
  const { shape } = context.value(node, input);
  const range = sliceRange(node, context, shape);
  if (range.step.some((step) => step < 0)) unsupported(node, 'a negative step', { seen: `[${range.step.join(',')}]` });
  const empty = shape.findIndex((_, axis) => range.begin[axis]! >= range.end[axis]!);
  if (empty >= 0)
    unsupported(node, 'leaves nothing', { seen: `axis ${empty} from ${range.begin[empty]} to ${range.end[empty]}` });
  const whole = shape.every(
    (size, axis) => range.begin[axis] === 0 && range.end[axis] === size && range.step[axis] === 1,
  );
  if (whole) context.alias(node.outputs[0]!, input);
  else context.emit(node, 'slice', [input], node.outputs, { ...range });
}

export function importPad(node: OnnxNode, context: ImportContext): void {
  const input = node.inputs[0] ?? '';
  const { shape } = context.value(node, input);
  const mode = node.attributes.string('mode', 'constant');
  if (mode !== 'constant') unsupported(node, 'padding other than by a constant', { seen: mode, allowed: 'constant' });
  const given = integerList(node, context, 1, 'pads') ?? invalid(node, 'has no pads');
  const axes = (integerList(node, context, 3, 'axes') ?? shape.map((_, axis) => axis)).map((axis) =>
    normalAxis(node, axis, shape.length),
  );
  if (given.length !== 2 * axes.length)
    invalid(node, 'its pads do not fit the axes', { seen: given.length, allowed: 2 * axes.length });
  if (given.some((size) => !(size >= 0 && size <= 65535)))
    unsupported(node, 'pads below 0 or too large', { seen: `[${given.join(',')}]`, allowed: '0 to 65535' });
  const before = shape.map(() => 0);
  const after = shape.map(() => 0);
  axes.forEach((axis, index) => {
    before[axis] = given[index]!;
    after[axis] = given[index + axes.length]!;
  });
  if (before[0] !== 0 || after[0] !== 0) unsupported(node, 'pads the batch axis');
  const border =
    (node.inputs[2] ?? '') === ''
      ? node.attributes.float('value', 0)
      : (floatConstant(context, node, 2, 'value').data[0] ?? 0);
  const type = context.notes?.codes.get(input);
  const value = type === undefined ? border : realOfCode(node, context, border, type);
  if (given.every((size) => size === 0)) context.alias(node.outputs[0]!, input);
  else context.emit(node, 'pad', [input], node.outputs, { before, after, value });
}

/** DepthToSpace and SpaceToDepth: a reshape, a transpose and a reshape. */
export function importDepthSpace(node: OnnxNode, context: ImportContext): void {
  const input = node.inputs[0] ?? '';
  const [batch, channels, height, width] = context.value(node, input).shape as number[];
  const block = node.attributes.int('blocksize', 0);
  const toSpace = node.opType === 'DepthToSpace';
  const columnFirst = node.attributes.string('mode', 'DCR') === 'CRD';
  const fits = toSpace ? channels! % (block * block) === 0 : height! % block === 0 && width! % block === 0;
  if (width === undefined || !(block >= 1) || !fits) invalid(node, 'blocksize does not fit the input', { seen: block });
  const depth = channels! / (block * block);
  const split = toSpace
    ? columnFirst
      ? [batch!, depth, block, block, height!, width]
      : [batch!, block, block, depth, height!, width]
    : [batch!, channels!, height! / block, block, width / block, block];
  const permutation = toSpace ? (columnFirst ? [0, 1, 4, 2, 5, 3] : [0, 3, 4, 1, 5, 2]) : [0, 3, 5, 1, 2, 4];
  const shape = toSpace
    ? [batch!, depth, height! * block, width * block]
    : [batch!, channels! * block * block, height! / block, width / block];
  const output = node.outputs[0]!;
  context.emit(node, 'reshape', [input], [`${output}/blocks`], { shape: split }, 'blocks');
  context.emit(node, 'transpose', [`${output}/blocks`], [`${output}/moved`], { permutation }, 'moved');
  context.emit(node, 'reshape', [`${output}/moved`], [output], { shape });
}
