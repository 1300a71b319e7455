/**
 * Where the program's tensors are in the exported model: written into its metadata, so that a device can feed codes past the float
 * border and read every operation back in the program's layout.
 */
import { assert, BitwrightError } from '../../base/errors.ts';
import type { IntegerOperation } from '../../graph/integer-program.ts';
import { physicalPermutation } from '../../graph/physical-layout.ts';
import { codesName, type ExportContext } from './export-context.ts';

export const coreMapKey = 'bitwright';
export const coreMapSchema = 'bitwright-onnx/1';

/** An ONNX value, and the permutation that brings it into the program's layout. */
export interface MappedTensor {
  readonly value: string;
  readonly permutation: readonly number[];
  /** Shape in the graph's layout, batch 1. */
  readonly shape: readonly number[];
  /** int8 codes, or indices (int64 or int32 in ONNX). */
  readonly dtype: 'int8' | 'int32' | 'int64';
}

export interface CoreMap {
  readonly schema: typeof coreMapSchema;
  readonly profile: string;
  /** CRC-32 of the program.bin that the model was written with. */
  readonly programCrc: number;
  readonly inputs: readonly MappedTensor[];
  readonly outputs: readonly MappedTensor[];
  /** Output of each operation of the program, in execution order. */
  readonly operations: readonly MappedTensor[];
}

export function coreMap(context: ExportContext, programCrc: number): CoreMap {
  const { program } = context;
  const port = (index: number): MappedTensor => graphTensor(context, program.tensors[index]!.name);
  return {
    schema: coreMapSchema,
    profile: program.profile,
    programCrc,
    inputs: program.inputs.map(port),
    outputs: program.outputs.map(port),
    operations: program.operations.map((operation, index) => operationTensor(context, operation, index)),
  };
}

function graphTensor(context: ExportContext, name: string): MappedTensor {
  const { shape, dtype } = context.graph.values.get(name)!;
  const codes = dtype === 'float32' ? 'int8' : dtype === 'int32' ? 'int32' : 'int64';
  return { value: codesName(context, name), permutation: physicalPermutation(shape.length), shape, dtype: codes };
}

function plain(mapped: MappedTensor): MappedTensor {
  return { ...mapped, permutation: mapped.shape.map((_, axis) => axis) };
}

/**
 * An internal tensor is a value in graph order: the one that a transpose turns it from, or the one that the next transpose makes of
 * it. An exporter that makes a tensor of its own has said so.
 */
function operationTensor(context: ExportContext, operation: IntegerOperation, index: number): MappedTensor {
  const { program, graph, internals } = context;
  const { name } = program.tensors[operation.output]!;
  if (graph.values.has(name)) return graphTensor(context, name);
  const own = internals.get(name);
  if (own !== undefined) return plain({ ...own, permutation: [], dtype: 'int8' });
  const source = program.tensors[operation.inputs[0]!]!.name;
  if (operation.kernel === 'transpose' && graph.values.has(source)) return plain(graphTensor(context, source));
  const next = program.operations
    .slice(index + 1)
    .find((later) => later.kernel === 'transpose' && later.inputs[0] === operation.output);
  assert(next !== undefined, `The exported model has no value for the tensor ${name}.`);
  return plain(graphTensor(context, program.tensors[next.output]!.name));
}

/** Reads the metadata of a model; ARTIFACT_INVALID where it was not written by this version of bitwright. */
export function parseCoreMap(text: string, where: string): CoreMap {
  const value = parsed(text);
  const lists = ['inputs', 'outputs', 'operations'].map((name) => value?.[name]);
  const fits =
    value?.schema === coreMapSchema && typeof value.profile === 'string' && Number.isInteger(value.programCrc);
  if (fits && lists.every((list) => Array.isArray(list) && list.length <= 4096 && list.every(isMappedTensor)))
    return value as unknown as CoreMap;
  throw new BitwrightError('ARTIFACT_INVALID', {
    message: 'is no model that bitwright exported',
    where,
    next: 'Make the package again with `bitwright quantize`.',
  });
}

function parsed(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

function isMappedTensor(value: unknown): boolean {
  const { value: name, permutation, shape, dtype } = (value ?? {}) as Partial<MappedTensor>;
  if (typeof name !== 'string' || !['int8', 'int32', 'int64'].includes(dtype ?? '')) return false;
  if (!Array.isArray(permutation) || !Array.isArray(shape) || shape.length > 8 || permutation.length !== shape.length)
    return false;
  const counted = [...permutation].sort((a, b) => a - b).every((axis, index) => axis === index);
  return counted && shape.every((size) => Number.isInteger(size) && size >= 1 && size <= 2 ** 28);
}
