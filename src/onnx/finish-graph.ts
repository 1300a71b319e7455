/** The end of an import: outputs under the names of the file, only the constants that nodes read, and the limits on the whole. */
import { BitwrightError, type Issue } from '../base/errors.ts';
import type { Graph, Value } from '../graph/graph.ts';
import type { ImportState } from './import/import-context.ts';
import type { GraphProto } from './model-proto.ts';

/** Nodes of the imported graph; a program holds a quarter of it. */
const graphNodesMax = 16384;
/** Weights of all nodes together, elements; a program holds no more in its 256 MiB. */
const weightsMax = 2 ** 28;
const outputsMax = 64;

function sizeIssues({ nodes, constants }: ImportState): Issue[] {
  const weights = nodes.reduce(
    (sum, node) => node.inputs.reduce((part, input) => part + (constants.get(input)?.data.length ?? 0), sum),
    0,
  );
  const issues: Issue[] = [];
  if (nodes.length > graphNodesMax)
    issues.push({ message: 'the graph has too many nodes', seen: nodes.length, allowed: graphNodesMax });
  if (weights > weightsMax)
    issues.push({ message: 'the weights of all nodes are too many', seen: weights, allowed: weightsMax });
  return issues;
}

/** Builds the graph, keeping only the constants that nodes read. Throws MODEL_INVALID with all issues. */
export function finishGraph(proto: GraphProto, name: string, inputs: readonly Value[], state: ImportState): Graph {
  const outputs = proto.output.map((info) => state.aliases.get(info.name ?? '') ?? info.name ?? '');
  const issues = outputs.flatMap((output, index): Issue[] => {
    const where = `graph output ${proto.output[index]!.name}`;
    if (inputs.some((input) => input.name === output)) return [{ message: 'is an input of the graph', where }];
    if (state.values.has(output)) return [];
    return [
      { message: state.constants.has(output) ? 'does not depend on the input' : 'is produced by no node', where },
    ];
  });
  if (outputs.length === 0) issues.push({ message: 'the graph has no outputs' });
  if (outputs.length > outputsMax)
    issues.push({ message: 'the graph has too many outputs', seen: outputs.length, allowed: outputsMax });
  issues.push(...sizeIssues(state));
  if (issues.length > 0) throw new BitwrightError('MODEL_INVALID', issues);
  renameOutputs(proto, outputs, state);
  const read = new Set(state.nodes.flatMap((node) => node.inputs));
  const constants = new Map([...state.constants].filter(([constant]) => read.has(constant)));
  return {
    name,
    nodes: state.nodes,
    values: state.values,
    constants,
    inputs: inputs.map((value) => value.name),
    outputs: [...new Set(outputs)],
  };
}

/**
 * An output that is another name of a value gives the value its name, so that users find the names of their model. Codes that are given
 * out beside their reals are called as the reals are.
 */
function renameOutputs(proto: GraphProto, outputs: string[], state: ImportState): void {
  const isCodes = (name: string): boolean => state.notes?.codes.has(name) === true;
  outputs.forEach((current, index) => {
    const wanted = proto.output[index]!.name!;
    if (current === wanted || proto.output.some(({ name }) => name === current && !isCodes(name))) return;
    const renamed = (name: string): string => (name === current ? wanted : name);
    state.nodes.forEach((node, at) => {
      const touched = node.inputs.includes(current) || node.outputs.includes(current);
      if (touched) state.nodes[at] = { ...node, inputs: node.inputs.map(renamed), outputs: node.outputs.map(renamed) };
    });
    const entries = [...state.values].map(
      ([name, value]) => [renamed(name), { ...value, name: renamed(name) }] as const,
    );
    state.values.clear();
    for (const [name, value] of entries) state.values.set(name, value);
    const note = state.notes?.activations.get(current);
    if (note !== undefined) state.notes!.activations.set(wanted, note);
    outputs.forEach((output, at) => {
      outputs[at] = renamed(output);
    });
  });
}
