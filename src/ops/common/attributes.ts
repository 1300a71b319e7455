/** Typed access to a node's attributes and input shapes; what does not fit the conventions is MODEL_INVALID naming the node. */
import { BitwrightError, type Issue } from '../../base/errors.ts';
import type { Shape, Tensor } from '../../base/tensor.ts';
import type { FusedClamp, Graph, Node, Value } from '../../graph/graph.ts';

export function invalid(node: Node, issue: Omit<Issue, 'where'>): BitwrightError {
  return new BitwrightError('MODEL_INVALID', { where: `node ${node.name} (${node.op})`, ...issue });
}

export function unsupported(node: Node, issue: Omit<Issue, 'where'>): BitwrightError {
  return new BitwrightError('MODEL_UNSUPPORTED', { where: `node ${node.name} (${node.op})`, ...issue });
}

export function profileLacks(node: Node, profile: { readonly id: string }, message: string, next: string) {
  return new BitwrightError('PROFILE_UNSUPPORTED', {
    where: `node ${node.name} (${node.op})`,
    message: `the profile '${profile.id}' ${message}`,
    next,
  });
}

/** Integers of an attribute, at least `low` each; `length` entries where it is given. */
export function integersOf(node: Node, name: string, low: number, length?: number): readonly number[] {
  const value = node.attributes[name];
  const fits =
    Array.isArray(value) &&
    (length === undefined || value.length === length) &&
    value.every((entry) => Number.isSafeInteger(entry) && entry >= low && entry <= 0x7fffffff);
  if (!fits) {
    throw invalid(node, {
      message: `the attribute '${name}' is wrong`,
      seen: JSON.stringify(value) ?? 'nothing',
      allowed: `${length ?? 'several'} integers of at least ${low}`,
    });
  }
  return value as readonly number[];
}

/** One integer, at least `low`. */
export function integerOf(node: Node, name: string, low: number): number {
  const value = node.attributes[name];
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= low && value <= 0x7fffffff) return value;
  throw invalid(node, {
    message: `the attribute '${name}' is wrong`,
    seen: JSON.stringify(value) ?? 'nothing',
    allowed: `an integer of at least ${low}`,
  });
}

export function numberOf(node: Node, name: string): number {
  const value = node.attributes[name];
  if (typeof value === 'number' && !Number.isNaN(value)) return value;
  throw invalid(node, { message: `the attribute '${name}' is no number`, seen: JSON.stringify(value) ?? 'nothing' });
}

/** An axis attribute within [low, rank). */
export function axisOf(node: Node, rank: number, low = 0): number {
  const value = numberOf(node, 'axis');
  if (Number.isInteger(value) && value >= low && value < rank) return value;
  throw invalid(node, {
    message: "the attribute 'axis' is outside the tensor",
    seen: value,
    allowed: `${low} to ${rank - 1}`,
  });
}

export function textOf<T extends string>(node: Node, name: string, allowed: readonly T[]): T {
  const value = node.attributes[name];
  if (allowed.includes(value as T)) return value as T;
  throw invalid(node, {
    message: `the attribute '${name}' is unknown`,
    seen: JSON.stringify(value) ?? 'nothing',
    allowed: allowed.join(', '),
  });
}

/** The fused activation, undefined where there is none. */
export function clampOf(node: Node): FusedClamp | undefined {
  const value = node.attributes.clamp;
  if (value === undefined || value === null) return undefined;
  const clamp = value as FusedClamp;
  if (typeof clamp.min === 'number' && typeof clamp.max === 'number' && clamp.min <= clamp.max) return clamp;
  throw invalid(node, { message: "the attribute 'clamp' is no range", seen: JSON.stringify(value) });
}

/** Shape of an input, value or constant. */
export function inputShape(
  node: Node,
  index: number,
  inputs: readonly Value[],
  constants: ReadonlyMap<string, Tensor>,
): Shape {
  const name = node.inputs[index];
  const shape =
    name === undefined || name === ''
      ? undefined
      : (inputs.find((value) => value?.name === name)?.shape ?? constants.get(name)?.shape);
  if (shape === undefined) throw invalid(node, { message: `input ${index} is missing`, seen: name ?? 'nothing' });
  return shape;
}

/** As `inputShape`, of a rank within [low, high]. */
export function inputShapeOfRank(
  node: Node,
  index: number,
  inputs: readonly Value[],
  constants: ReadonlyMap<string, Tensor>,
  low: number,
  high = low,
): Shape {
  const shape = inputShape(node, index, inputs, constants);
  if (shape.length >= low && shape.length <= high) return shape;
  throw invalid(node, {
    message: `input ${index} has the wrong rank`,
    seen: `[${shape.join(',')}]`,
    allowed: low === high ? `rank ${low}` : `rank ${low} to ${high}`,
  });
}

/** Shape of an activation or constant of the graph. */
export function graphShape(graph: Graph, name: string): Shape {
  return (graph.values.get(name) ?? graph.constants.get(name))!.shape;
}

export function hasInput(node: Node, index: number): boolean {
  return node.inputs[index] !== undefined && node.inputs[index] !== '';
}
