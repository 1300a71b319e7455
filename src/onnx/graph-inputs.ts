/** The inputs of an ONNX graph as IR values: batch set to 1, other dynamic sizes asked for, element types checked. */
import type { Issue } from '../base/errors.ts';
import { elementCount, type Shape } from '../base/tensor.ts';
import type { Value } from '../graph/graph.ts';
import {
  type DimensionProto,
  decodeModel,
  type GraphProto,
  int64ToNumber,
  type ValueInfoProto,
} from './model-proto.ts';
import { tensorTypeName } from './tensor-type.ts';

const rankMax = 8;
const inputElementsMax = 2 ** 28;
const valueDtypes: Readonly<Record<number, Value['dtype']>> = { 1: 'float32', 6: 'int32', 7: 'int64', 10: 'float32' };

/** Codes stand for reals: the model's first DequantizeLinear says on what scale. */
const codeDtypes: Readonly<Record<number, Value['dtype']>> = { 2: 'float32', 3: 'float32' };

export interface InputOptions {
  /** Sizes of dynamic dimensions other than the batch, by name; one without a name is called `input[axis]`. */
  readonly dimensions: Readonly<Record<string, number>>;
  /** Whether inputs may be int8 or uint8 codes, as in quantized models. */
  readonly codes: boolean;
}

/**
 * Values of all graph inputs that are no initializers. A first size that is a name, absent or 0 is the batch and becomes 1;
 * other names are looked up in `dimensions`. Problems are appended to `issues`.
 */
export function readInputs(
  graph: GraphProto,
  constants: ReadonlyMap<string, unknown>,
  options: InputOptions,
  issues: Issue[],
): Value[] {
  return graph.input
    .filter((info) => !constants.has(info.name ?? ''))
    .flatMap((info) => readInput(info, options, issues) ?? []);
}

/** Whether a model takes int8 or uint8 codes where others take reals. Throws MODEL_INVALID for bytes that are no model. */
export function takesCodes(bytes: Uint8Array): boolean {
  const { graph } = decodeModel(bytes, 'the model');
  const constants = new Set(graph!.initializer.map(({ name }) => name));
  return graph!.input.some(
    ({ name, type }) => !constants.has(name) && codeDtypes[type?.tensorType?.elemType ?? 0] !== undefined,
  );
}

function readInput(info: ValueInfoProto, options: InputOptions, issues: Issue[]): Value | undefined {
  const name = info.name ?? '';
  const where = `graph input ${name === '' ? '(without a name)' : name}`;
  const type = info.type?.tensorType;
  const dtype = valueDtypes[type?.elemType ?? 0] ?? (options.codes ? codeDtypes[type?.elemType ?? 0] : undefined);
  if (name === '' || type == null) issues.push({ message: 'has no name or is no tensor', where });
  else if (dtype === undefined)
    issues.push({
      message: 'element type is not supported',
      where,
      seen: tensorTypeName(type.elemType),
      allowed: 'float, float16, int32, int64',
    });
  const shape = type?.shape?.dim.map((dimension, axis) =>
    sizeOf(dimension, `${name}[${axis}]`, axis === 0, options.dimensions),
  );
  if (shape === undefined)
    issues.push({ message: 'has no shape', where, next: 'Export the model with the shape of its inputs.' });
  const unknown = [...new Set((shape ?? []).filter((size) => typeof size === 'string'))];
  if (unknown.length > 0)
    issues.push({
      message: `sizes other than the batch are unknown: ${unknown.join(', ')}`,
      where,
      next: `Give them, e.g. --dim ${unknown[0]}=224.`,
    });
  if (issues.length > 0 || dtype === undefined || shape === undefined || !isConcrete(shape)) return undefined;
  return checkShape(shape, where, issues) ? { name, dtype, shape } : undefined;
}

/** Sizes given for dimensions that no input has. */
export function strangeDimensions(graph: GraphProto, dimensions: InputOptions['dimensions']): Issue[] {
  const known = graph.input.flatMap(({ name, type }) =>
    (type?.tensorType?.shape?.dim ?? []).map(({ dimParam }, axis) => dimParam || `${name}[${axis}]`),
  );
  return Object.keys(dimensions)
    .filter((name) => !known.includes(name))
    .map((name) => ({
      message: 'no input has a dimension of this name',
      where: `--dim ${name}`,
      allowed: known.join(', '),
    }));
}

function isConcrete(shape: readonly (number | string)[]): shape is readonly number[] {
  return shape.every((size) => typeof size === 'number');
}

function checkShape(shape: Shape, where: string, issues: Issue[]): boolean {
  const count = elementCount(shape);
  const fits = shape.length <= rankMax && shape.every((size) => size >= 1) && count <= inputElementsMax;
  if (!fits)
    issues.push({
      message: 'its shape is too large or impossible',
      where,
      seen: `[${shape.join(',')}]`,
      allowed: `rank up to ${rankMax}, ${inputElementsMax} elements`,
    });
  const batched = fits && shape.length > 0 && shape[0] !== 1;
  if (batched)
    issues.push({
      message: 'its batch size is fixed',
      where,
      seen: `[${shape.join(',')}]`,
      allowed: '1 or dynamic',
      next: 'Export the model with a dynamic batch axis.',
    });
  return fits && !batched;
}

/** A size, or the name of one that is unknown. */
function sizeOf(
  dimension: DimensionProto,
  place: string,
  isBatch: boolean,
  dimensions: Readonly<Record<string, number>>,
): number | string {
  const value =
    dimension.dimValue !== undefined && Object.hasOwn(dimension, 'dimValue') ? int64ToNumber(dimension.dimValue) : 0;
  if (value !== 0 && !(value < 0)) return value;
  const name = dimension.dimParam || place;
  if (Object.hasOwn(dimensions, name)) return dimensions[name]!;
  return isBatch ? 1 : name;
}
