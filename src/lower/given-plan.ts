/**
 * The plan of a model that is quantized already: its own scales, zero points and weight codes, nothing chosen anew. Where operations of
 * the target must share a scale and the model's values do not, the values are moved there by nodes of their own.
 */
import type { NumericProfile } from '../arithmetic/profile.ts';
import { type Issue, IssueList } from '../base/errors.ts';
import type { Graph, Node, Value } from '../graph/graph.ts';
import type { ActivationQuantization, QuantizationPlan } from '../graph/quantization-plan.ts';
import { codeRange } from '../graph/quantization-plan.ts';
import { type QuantizationNotes, sameQuantization } from '../onnx/quantization-notes.ts';
import type { ScaleTie } from '../ops/op-definition.ts';
import { getOp } from '../ops/registry.ts';
import { givenWeights } from '../quantize/given-weights.ts';
import { cutEpilogue } from './epilogue.ts';

type Activations = Map<string, ActivationQuantization>;

/**
 * `graph` is the rewritten graph of a quantized import. Throws MODEL_UNSUPPORTED naming all values and weights that the model leaves
 * float, and PROFILE_UNSUPPORTED naming what the profile cannot hold (bits, zero points, scales per channel).
 */
export function givenPlan(
  graph: Graph,
  notes: QuantizationNotes,
  profile: NumericProfile,
): { readonly graph: Graph; readonly plan: QuantizationPlan } {
  const activations = spreadNotes(graph, notes, profile);
  const host = hostValues(graph, profile);
  const missing = new IssueList('MODEL_UNSUPPORTED');
  for (const value of floatValues(graph)) {
    if (activations.has(value.name) || host.has(value.name)) continue;
    missing.add({
      message: 'has no scale in the model',
      where: `value ${value.name}`,
      next: 'Quantize the whole model, or give the float model to bitwright quantize.',
    });
  }
  const refused = new IssueList('PROFILE_UNSUPPORTED');
  const weights = givenWeights(graph, notes, activations, profile, missing, refused);
  missing.throwIfAny();
  for (const [name, entry] of activations)
    for (const issue of activationIssues(entry, profile)) refused.add({ ...issue, where: `value ${name}` });
  refused.throwIfAny();
  const matched = matchTies(graph, activations, host, profile);
  return { graph: matched, plan: { activations, weights } };
}

function floatValues(graph: Graph): Value[] {
  return [...graph.values.values()].filter((value) => value.dtype === 'float32');
}

/** Values after the end of the program: what the host computes in float. */
function hostValues(graph: Graph, profile: NumericProfile): Set<string> {
  const cut = cutEpilogue(graph, profile).graph;
  return new Set([...graph.values.keys()].filter((name) => !cut.values.has(name)));
}

function tieOf(node: Node, profile: NumericProfile): ScaleTie {
  const { scaleTie } = getOp(node.op);
  return typeof scaleTie === 'function' ? scaleTie(node, profile) : scaleTie;
}

/** Notes of the values that exist, and of those that share a scale with them; fixed scales where the model says nothing. */
function spreadNotes(graph: Graph, notes: QuantizationNotes, profile: NumericProfile): Activations {
  const known: Activations = new Map([...notes.activations].filter(([name]) => graph.values.has(name)));
  const spread = (node: Node): void => {
    const tie = tieOf(node, profile);
    if (typeof tie === 'object') {
      for (const output of node.outputs) if (!known.has(output)) known.set(output, fixedQuantization(tie));
    }
    if (tie !== 'shared') return;
    const tied = [...node.outputs, ...node.inputs].filter((name) => graph.values.get(name)?.dtype === 'float32');
    const source = tied.map((name) => known.get(name)).find((entry) => entry !== undefined);
    if (source === undefined) return;
    for (const name of tied) if (!known.has(name)) known.set(name, source);
  };
  for (const node of graph.nodes) spread(node);
  for (const node of [...graph.nodes].reverse()) spread(node);
  return known;
}

function fixedQuantization(tie: {
  readonly scale: number;
  readonly zeroPointFromLowest: number;
}): ActivationQuantization {
  const range = codeRange(8);
  return { bits: 8, ...range, scale: tie.scale, zeroPoint: range.qMin + tie.zeroPointFromLowest };
}

function activationIssues(entry: ActivationQuantization, { id, activation }: NumericProfile): Issue[] {
  const issues: Issue[] = [];
  const refuse = (message: string, seen: string | number, allowed: string): void => {
    issues.push({
      message: `${message} is nothing that the profile ${id} has`,
      seen,
      allowed,
      next: 'Choose a target whose runtime has it, or quantize the float model.',
    });
  };
  if (!activation.bits.includes(entry.bits))
    refuse('its width', `${entry.bits} bits`, `${activation.bits.join(', ')} bits`);
  if (activation.zeroPoint === 'none' && entry.zeroPoint !== 0) refuse('its zero point', entry.zeroPoint, '0');
  if (activation.zeroPoint === 'unsigned' && entry.zeroPoint !== entry.qMin)
    refuse('its zero point', entry.zeroPoint, `${entry.qMin}`);
  if (activation.scale === 'power-of-two' && !Number.isInteger(Math.log2(entry.scale)))
    refuse('its scale', entry.scale, 'powers of two');
  return issues;
}

/** Puts a requantize node wherever a tied input is on another scale than the output; `activations` grows by the moved values. */
function matchTies(graph: Graph, activations: Activations, host: ReadonlySet<string>, profile: NumericProfile): Graph {
  const values = new Map(graph.values);
  const nodes = graph.nodes.flatMap((node) => {
    const tie = tieOf(node, profile);
    if (node.outputs.some((output) => host.has(output))) return [node];
    if (tie === 'shared') return withMovedInputs(node, values, activations);
    return typeof tie === 'object' ? withMovedOutput(node, fixedQuantization(tie), values, activations) : [node];
  });
  return { ...graph, nodes, values };
}

function requantize(name: string, from: string, to: string): Node {
  return { name, op: 'requantize', inputs: [from], outputs: [to], attributes: { clamp: null } };
}

function withMovedInputs(node: Node, values: Map<string, Value>, activations: Activations): Node[] {
  const target = activations.get(node.outputs[0]!);
  if (target === undefined) return [node];
  const before: Node[] = [];
  const inputs = node.inputs.map((input, index) => {
    const own = activations.get(input);
    if (own === undefined || sameQuantization(own, target)) return input;
    const moved = `${input}/for/${node.name}${index}`;
    before.push(requantize(`${node.name}/requantize${index}`, input, moved));
    values.set(moved, { ...values.get(input)!, name: moved });
    activations.set(moved, target);
    return moved;
  });
  // Other outputs (of a split) that the model put on scales of their own.
  const after = node.outputs.slice(1).filter((output) => !sameQuantization(activations.get(output)!, target));
  const own = after.map((output) => `${output}/own`);
  own.forEach((name, index) => {
    values.set(name, { ...values.get(after[index]!)!, name });
    activations.set(name, target);
  });
  const outputs = node.outputs.map((output) => own[after.indexOf(output)] ?? output);
  const moves = after.map((output, index) => requantize(`${node.name}/requantize-out${index}`, own[index]!, output));
  return [...before, { ...node, inputs, outputs }, ...moves];
}

function withMovedOutput(
  node: Node,
  fixed: ActivationQuantization,
  values: Map<string, Value>,
  activations: Activations,
): Node[] {
  const output = node.outputs[0]!;
  if (sameQuantization(activations.get(output)!, fixed)) return [node];
  const own = `${output}/own`;
  values.set(own, { ...values.get(output)!, name: own });
  activations.set(own, fixed);
  return [{ ...node, outputs: [own] }, requantize(`${node.name}/requantize`, own, output)];
}
