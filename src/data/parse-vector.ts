/** Checks the JSON of one operator vector completely; every error names the file and the field. */
import { allProfiles } from '../arithmetic/registry.ts';
import type { IssueList } from '../base/errors.ts';
import { elementCount } from '../base/tensor.ts';
import type { OperatorVector } from './operator-vector.ts';
import {
  type VectorDType,
  type VectorParameter,
  type VectorTensorSchema,
  vectorRanges,
  vectorSchemas,
} from './vector-schema.ts';
import { checkVectorShapes } from './vector-shapes.ts';

const elementsMax = 2 ** 24;

/** One vector from its JSON text; undefined after adding issues. */
export function parseVector(text: string, file: string, issues: IssueList): OperatorVector | undefined {
  const before = issues.issues.length;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    issues.add({ message: `is no JSON: ${String(error)}`, where: file });
    return undefined;
  }
  if (!isRecord(value)) {
    issues.add({ message: 'is no object', where: file });
    return undefined;
  }
  const schema = vectorSchemas[String(value.op)];
  if (value.schema !== 'bitwright-vectors/1') {
    issues.add({
      message: 'unknown schema',
      where: `${file}: schema`,
      seen: print(value.schema),
      allowed: 'bitwright-vectors/1',
    });
  }
  if (typeof value.name !== 'string')
    issues.add({ message: 'must be a text', where: `${file}: name`, seen: print(value.name) });
  if (schema === undefined || !Object.hasOwn(vectorSchemas, String(value.op))) {
    issues.add({
      message: 'unknown op',
      where: `${file}: op`,
      seen: print(value.op),
      allowed: Object.keys(vectorSchemas).join(', '),
    });
    return undefined;
  }
  if (!allProfiles.some((profile) => profile.id === value.profile)) {
    const allowed = allProfiles.map((profile) => profile.id).join(', ');
    issues.add({ message: 'unknown profile', where: `${file}: profile`, seen: print(value.profile), allowed });
  }
  const parameters = isRecord(value.params) ? value.params : {};
  checkKeys(parameters, schema.parameters, `${file}: params`, issues);
  for (const [key, parameter] of Object.entries(schema.parameters)) {
    if (Object.hasOwn(parameters, key)) checkParameter(parameters[key], parameter, `${file}: params.${key}`, issues);
  }
  const tensors = isRecord(value.tensors) ? value.tensors : {};
  checkKeys(tensors, schema.tensors, `${file}: tensors`, issues);
  for (const [key, tensor] of Object.entries(schema.tensors)) {
    if (Object.hasOwn(tensors, key)) checkTensor(tensors[key], tensor, `${file}: tensors.${key}`, issues);
  }
  if (issues.issues.length > before) return undefined;
  const vector = {
    ...(value as unknown as OperatorVector),
    file,
    parameters: parameters as OperatorVector['parameters'],
  };
  checkVectorShapes(vector, issues);
  return issues.issues.length > before ? undefined : vector;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function print(value: unknown): string {
  return (JSON.stringify(value) ?? 'nothing').slice(0, 60);
}

function checkKeys(value: Record<string, unknown>, allowed: object, where: string, issues: IssueList): void {
  for (const key of Object.keys(value)) {
    if (!Object.hasOwn(allowed, key)) {
      issues.add({ message: 'unknown key', where: `${where}.${key}`, allowed: Object.keys(allowed).join(', ') });
    }
  }
  for (const key of Object.keys(allowed)) {
    if (!Object.hasOwn(value, key)) issues.add({ message: 'missing key', where: `${where}.${key}` });
  }
}

function checkParameter(
  value: unknown,
  { low, high, length }: VectorParameter,
  where: string,
  issues: IssueList,
): void {
  const entries = length === undefined ? [value] : Array.isArray(value) ? value : [];
  const fits =
    (length === undefined || entries.length === length) && entries.every((entry) => isWithin(entry, low, high));
  if (fits) return;
  const count = length === undefined ? 'an integer' : `${length} integers`;
  issues.add({ message: 'is out of range', where, seen: print(value), allowed: `${count}, ${low} to ${high}` });
}

function isWithin(value: unknown, low: number, high: number): boolean {
  return Number.isSafeInteger(value) && (value as number) >= low && (value as number) <= high;
}

function checkTensor(value: unknown, schema: VectorTensorSchema, where: string, issues: IssueList): void {
  if (!isRecord(value)) {
    issues.add({ message: 'must be an object with dtype, shape and data', where, seen: print(value) });
    return;
  }
  checkKeys(value, { dtype: 0, shape: 0, data: 0 }, where, issues);
  const { dtype, shape, data } = value;
  if (!schema.dtypes.includes(dtype as VectorDType)) {
    issues.add({
      message: 'wrong dtype',
      where: `${where}.dtype`,
      seen: print(dtype),
      allowed: schema.dtypes.join(', '),
    });
    return;
  }
  const [low, high] = schema.rank;
  const validShape =
    Array.isArray(shape) &&
    shape.length >= low &&
    shape.length <= high &&
    shape.every((size) => isWithin(size, 1, elementsMax));
  if (!validShape || elementCount(shape as number[]) > elementsMax) {
    issues.add({
      message: 'wrong shape',
      where: `${where}.shape`,
      seen: print(shape),
      allowed: `rank ${low} to ${high}, at most ${elementsMax} elements`,
    });
    return;
  }
  if (!Array.isArray(data) || data.length !== elementCount(shape as number[])) {
    const seen = Array.isArray(data) ? data.length : print(data);
    issues.add({
      message: 'the data do not fill the shape',
      where: `${where}.data`,
      seen,
      allowed: elementCount(shape as number[]),
    });
    return;
  }
  const range = vectorRanges[dtype as VectorDType];
  const wrong = data.findIndex((entry) => !isWithin(entry, ...range));
  if (wrong >= 0) {
    issues.add({
      message: `is no ${dtype}`,
      where: `${where}.data[${wrong}]`,
      seen: print(data[wrong]),
      allowed: `${range[0]} to ${range[1]}`,
    });
  }
}
