/** Imports the nodes of a file one by one, and notes what became of each. */
import { BitwrightError } from '../base/errors.ts';
import type { Gathering } from './gathering.ts';
import { noteCodes, refuseCodes } from './import/code-flow.ts';
import { createContext, type ImportContext, type ImportState } from './import/import-context.ts';
import { type OnnxNode, unsupported } from './import/onnx-node.ts';
import { folders, importers, operatorName, refusalOf, shapeReaders } from './supported-operators.ts';
import type { NodeFate } from './survey-onnx.ts';

/** After so many issues the rest of a model is not looked at. */
const issuesMax = 100;

/** `nodes` in execution order. Nodes that depend on a refused one are not tried: their inputs are unknown. */
export function importNodes(
  nodes: readonly OnnxNode[],
  state: ImportState,
  opset: number,
  gathering: Gathering,
): Map<OnnxNode, NodeFate> {
  const context = createContext(opset, state, nodes);
  const refused = new Set<string>();
  const fates = new Map<OnnxNode, NodeFate>();
  for (const node of nodes) {
    if (gathering.issues.length >= issuesMax) break;
    fates.set(node, fateOf(node, refused, context, state, gathering));
    const done = node.outputs.every(
      (output) => output === '' || state.values.has(output) || state.constants.has(output) || state.aliases.has(output),
    );
    if (!done) for (const output of node.outputs) refused.add(output);
  }
  return fates;
}

function fateOf(
  node: OnnxNode,
  refused: ReadonlySet<string>,
  context: ImportContext,
  state: ImportState,
  gathering: Gathering,
): NodeFate {
  const refusal = refusalOf(node);
  if (refusal !== undefined) return { state: 'rejected', issues: [refusal] };
  if (node.inputs.some((input) => refused.has(input))) return { state: 'blocked' };
  const first = state.nodes.length;
  try {
    refuseCodes(node, context);
    importNode(node, context, state);
    noteCodes(node, context);
  } catch (error) {
    if (!(error instanceof BitwrightError) || error.code === 'INTERNAL') throw error;
    const issues = error.issues.map((issue) => ({ where: `node ${node.name} (${node.opType})`, ...issue }));
    gathering.add(error.code, issues);
    return { state: 'rejected', issues };
  }
  const into = state.nodes.slice(first).map(({ name }) => name);
  return into.length === 0 ? { state: 'folded' } : { state: 'imported', into };
}

function importNode(node: OnnxNode, context: ImportContext, state: ImportState): void {
  const constants = node.inputs.map((input) => (input === '' ? undefined : context.constant(input)));
  const constant = node.inputs.every((input, index) => input === '' || constants[index] !== undefined);
  const operator = operatorName(node);
  const folder = shapeReaders.get(operator) ?? (constant ? folders.get(operator) : undefined);
  if (folder === undefined) {
    const importer = importers.get(operator);
    if (importer === undefined) unsupported(node, 'is supported on constants only');
    importer(node, context);
    return;
  }
  const given = new Set(constants.map((tensor) => tensor?.data));
  folder(node, constants, context).forEach((tensor, index) => {
    if (!given.has(tensor.data)) state.budget.spendElements(tensor.data.length);
    const output = node.outputs[index] ?? '';
    if (output !== '') state.constants.set(output, tensor);
  });
}
