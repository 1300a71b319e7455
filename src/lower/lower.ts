/**
 * Graph + plan + profile -> integer program. A lowering is made once for a graph and called for every candidate plan of a search:
 * a node is lowered again only when a plan entry that it reads is another object than last time.
 */

import type { NumericProfile } from '../arithmetic/profile.ts';
import { getRule } from '../arithmetic/registry.ts';
import { assert, BitwrightError, type Issue } from '../base/errors.ts';
import type { FusedClamp, Graph, Node } from '../graph/graph.ts';
import type { IntegerOperation, IntegerProgram, ProgramConstant } from '../graph/integer-program.ts';
import type { QuantizationPlan } from '../graph/quantization-plan.ts';
import type { LowerContext } from '../ops/op-definition.ts';
import { getOp } from '../ops/registry.ts';
import { assembleProgram, type LoweredNode } from './assemble-program.ts';
import { clampBounds } from './clamp-bounds.ts';
import { describeTensor, plannedActivation, type UnplacedTensor } from './describe-tensor.ts';
import { cutEpilogue } from './epilogue.ts';

export type Lowering = (plan: QuantizationPlan) => IntegerProgram;

/** One program; see `createLowering` for many plans of one graph. */
export function lower(graph: Graph, plan: QuantizationPlan, profile: NumericProfile): IntegerProgram {
  return createLowering(graph, profile)(plan);
}

/**
 * Prepares a graph for lowering under a profile. A trailing softmax that the profile cannot express is left to the host
 * (see `cutEpilogue`). The returned function throws PROFILE_UNSUPPORTED or MODEL_UNSUPPORTED naming the node.
 */
export function createLowering(model: Graph, profile: NumericProfile): Lowering {
  const { graph } = cutEpilogue(model, profile);
  const memo = new Map<Node, { readonly reads: readonly unknown[]; readonly lowered: LoweredNode }[]>();
  return (plan) => {
    const lowered = graph.nodes.map((node) => {
      const reads = planReads(node, graph, plan);
      const kept = memo.get(node) ?? [];
      const hit = kept.find((entry) => entry.reads.every((read, index) => read === reads[index]));
      if (hit !== undefined) return hit.lowered;
      const result = lowerNode(node, graph, plan, profile);
      memo.set(node, [{ reads, lowered: result }, ...kept].slice(0, memoEntriesPerNode));
      return result;
    });
    return assembleProgram(graph, profile, plan, lowered);
  };
}

/** By node name, why a profile cannot run it: all nodes, where lowering would stop at the first. A trailing softmax is left to the host. */
export function refusedNodes(
  model: Graph,
  plan: QuantizationPlan,
  profile: NumericProfile,
): Map<string, readonly Issue[]> {
  const { graph } = cutEpilogue(model, profile);
  const refused = new Map<string, readonly Issue[]>();
  for (const node of graph.nodes) {
    try {
      lowerNode(node, graph, plan, profile);
    } catch (error) {
      if (!(error instanceof BitwrightError) || error.code === 'INTERNAL') throw error;
      refused.set(node.name, error.issues);
    }
  }
  return refused;
}

/** A search compares a point with its two neighbours: three entries keep all of them. */
const memoEntriesPerNode = 3;

function planReads(node: Node, graph: Graph, plan: QuantizationPlan): unknown[] {
  const values = [...node.inputs, ...node.outputs].filter((name) => graph.values.has(name));
  return [plan.weights.get(node.name), ...values.map((name) => plan.activations.get(name))];
}

function lowerNode(node: Node, graph: Graph, plan: QuantizationPlan, profile: NumericProfile): LoweredNode {
  const constants: ProgramConstant[] = [];
  const internals: UnplacedTensor[] = [];
  const operations: IntegerOperation[] = [];
  const values = [...graph.values.keys()];
  const context: LowerContext = {
    graph,
    profile,
    rule: getRule(profile.requantize),
    tensor: (name) => {
      const index = values.indexOf(name);
      assert(index >= 0, `Node ${node.name} asks for the tensor of ${name}, which is no activation.`);
      return { index, tensor: { ...describeTensor(graph, plan, name), arenaOffsetBytes: 0 } };
    },
    activation: (name) => plannedActivation(plan, name),
    weights: (of) => {
      const entry = plan.weights.get(of.name);
      assert(entry !== undefined, `The quantization plan has no weights for the node ${of.name}.`);
      return entry;
    },
    constant: (name) => {
      const tensor = graph.constants.get(name);
      assert(tensor !== undefined, `Node ${node.name} asks for the constant ${name}, which the graph does not have.`);
      return tensor;
    },
    addConstant: (constant) => constants.push(constant) - 1,
    addTensor: (tensor) => values.length + internals.push(tensor) - 1,
    clampOf: (value, clamp: FusedClamp | undefined) =>
      clampBounds(plannedActivation(plan, value), clamp, profile.clampBound),
    emit: (operation) => operations.push(operation),
  };
  const definition = getOp(node.op);
  try {
    definition.lower(node, context);
  } catch (error) {
    if (error instanceof BitwrightError) throw error;
    throw new BitwrightError(
      'INTERNAL',
      { message: `lowering of ${node.op} failed: ${String(error)}`, where: node.name },
      { cause: error },
    );
  }
  return { constants, internals, operations, isView: definition.viewOf?.(node, graph) ?? false };
}
