/** Joins lowered nodes into one program: numbers constants and internal tensors, finds lifetimes, places the arena. */
import type { NumericProfile } from '../arithmetic/profile.ts';
import { assert } from '../base/errors.ts';
import { elementCount } from '../base/tensor.ts';
import type { Graph } from '../graph/graph.ts';
import {
  activationBytes,
  type IntegerOperation,
  type IntegerProgram,
  type ProgramConstant,
} from '../graph/integer-program.ts';
import type { QuantizationPlan } from '../graph/quantization-plan.ts';
import { getOp } from '../ops/registry.ts';
import { describeTensor, type UnplacedTensor } from './describe-tensor.ts';
import { alignBytes, type Lifetime, planMemory } from './memory-plan.ts';

/** What one node became; constants and internal tensors are numbered within the node. */
export interface LoweredNode {
  readonly constants: readonly ProgramConstant[];
  readonly internals: readonly UnplacedTensor[];
  readonly operations: readonly IntegerOperation[];
  /** The node's output is its first input under another shape. */
  readonly isView: boolean;
}

export function assembleProgram(
  graph: Graph,
  profile: NumericProfile,
  plan: QuantizationPlan,
  lowered: readonly LoweredNode[],
): IntegerProgram {
  const names = [...graph.values.keys()];
  const tensors: UnplacedTensor[] = names.map((name) => describeTensor(graph, plan, name));
  const constants: ProgramConstant[] = [];
  const operations: IntegerOperation[] = [];
  for (const node of lowered) {
    const firstInternal = tensors.length;
    const renumber = (index: number): number => (index < names.length ? index : index - names.length + firstInternal);
    tensors.push(...node.internals);
    for (const operation of node.operations) {
      operations.push({
        ...operation,
        inputs: operation.inputs.map(renumber),
        output: renumber(operation.output),
        parameters: renumberConstants(operation, constants.length),
      });
    }
    constants.push(...node.constants);
  }
  const inputs = graph.inputs.map((name) => names.indexOf(name));
  const outputs = graph.outputs.map((name) => names.indexOf(name));
  const scratchBytes = alignBytes(
    operations.reduce((most, operation) => Math.max(most, operationScratchBytes(operation)), 0),
  );
  const storage = storageOwners(graph, lowered, tensors.length);
  const { offsetsBytes, arenaBytes } = placeTensors(tensors, operations, inputs, outputs, storage);
  return {
    profile: profile.id,
    tensors: tensors.map((tensor, index) => ({ ...tensor, arenaOffsetBytes: offsetsBytes[index]! })),
    constants,
    operations,
    inputs,
    outputs,
    arenaBytes: arenaBytes + scratchBytes,
    scratchBytes,
  };
}

function renumberConstants(operation: IntegerOperation, firstConstant: number): Record<string, number> {
  const parameters: Record<string, number> = { ...operation.parameters };
  for (const { name, kind } of getOp(operation.kernel).kernel!.parameters) {
    assert(name in parameters, `Operation ${operation.name} (${operation.kernel}) lacks the parameter ${name}.`);
    if (kind === 'constant' && parameters[name]! >= 0) parameters[name]! += firstConstant;
  }
  return parameters;
}

function operationScratchBytes(operation: IntegerOperation): number {
  return getOp(operation.kernel).scratchBytes?.(operation.parameters) ?? 0;
}

/** Index of the tensor whose storage each tensor uses: itself, or for a view the source at the end of the chain. */
function storageOwners(graph: Graph, lowered: readonly LoweredNode[], count: number): number[] {
  const names = [...graph.values.keys()];
  const owners = Array.from({ length: count }, (_, index) => index);
  graph.nodes.forEach((node, position) => {
    if (lowered[position]!.isView) owners[names.indexOf(node.outputs[0]!)] = owners[names.indexOf(node.inputs[0]!)]!;
  });
  return owners;
}

function placeTensors(
  tensors: readonly UnplacedTensor[],
  operations: readonly IntegerOperation[],
  inputs: readonly number[],
  outputs: readonly number[],
  owners: readonly number[],
): { offsetsBytes: number[]; arenaBytes: number } {
  const first = new Map<number, number>();
  const last = new Map<number, number>();
  const touch = (tensor: number, step: number): void => {
    const owner = owners[tensor]!;
    first.set(owner, Math.min(first.get(owner) ?? step, step));
    last.set(owner, Math.max(last.get(owner) ?? step, step));
  };
  for (const input of inputs) touch(input, -1);
  operations.forEach((operation, step) => {
    for (const tensor of [...operation.inputs, operation.output]) touch(tensor, step);
  });
  for (const output of outputs) touch(output, operations.length);
  const blocks = [...first.keys()];
  const sizeBytes = (tensor: UnplacedTensor): number => elementCount(tensor.shape) * activationBytes[tensor.dtype];
  const lifetimes: Lifetime[] = blocks.map((owner) => ({
    sizeBytes: sizeBytes(tensors[owner]!),
    first: first.get(owner)!,
    last: last.get(owner)!,
  }));
  const plan = memoryPlanOf(lifetimes);
  const offsetOf = new Map(blocks.map((owner, index) => [owner, plan.offsetsBytes[index]!]));
  return { offsetsBytes: owners.map((owner) => offsetOf.get(owner) ?? 0), arenaBytes: plan.arenaBytes };
}

const planCache = new Map<string, ReturnType<typeof planMemory>>();

/** A search lowers thousands of plans whose tensors have the same sizes: the last few memory plans are kept. */
function memoryPlanOf(lifetimes: readonly Lifetime[]): ReturnType<typeof planMemory> {
  const key = lifetimes.map(({ sizeBytes, first, last }) => `${sizeBytes}:${first}:${last}`).join(' ');
  const known = planCache.get(key);
  if (known !== undefined) return known;
  const plan = planMemory(lifetimes);
  if (planCache.size >= 8) planCache.delete(planCache.keys().next().value!);
  planCache.set(key, plan);
  return plan;
}
