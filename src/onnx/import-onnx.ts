/**
 * ONNX bytes to the float IR. Every problem of a model is gathered and reported at once: operators that are not supported with
 * the names of their nodes, nodes that break the rules of ONNX, shapes that do not fit. Constant subgraphs are computed here,
 * because later nodes need their results to know their shapes.
 */
import { BitwrightError, type Issue } from '../base/errors.ts';
import type { Graph, Value } from '../graph/graph.ts';
import { validateGraph } from '../graph/validate-graph.ts';
import { type ExternalData, oncePerFile } from './external-data.ts';
import { createFoldBudget } from './fold/fold-budget.ts';
import { createContext, type ImportContext, type ImportState } from './import/import-context.ts';
import { type OnnxNode, unsupported } from './import/onnx-node.ts';
import { decodeModel, type GraphProto } from './model-proto.ts';
import { createNotes, type QuantizationNotes } from './quantization-notes.ts';
import { checkedInputs, readInitializers, readNodes, readOpset } from './read-model.ts';
import { sortNodes } from './sort-nodes.ts';
import { folders, importers, operatorName, refuseUnsupported, shapeReaders } from './supported-operators.ts';

export interface ImportOptions {
  /** Name of the graph and of the file in errors; default: the name in the file. */
  readonly name?: string;
  /** Bytes of external data files by their location relative to the model. */
  readonly externalData?: ExternalData;
  /** Sizes of named dynamic dimensions other than the batch. */
  readonly dimensions?: Readonly<Record<string, number>>;
}

/** Nodes of the imported graph; a program holds a quarter of it. */
const graphNodesMax = 16384;
/** Weights of all nodes together, elements; a program holds no more in its 256 MiB. */
const weightsMax = 2 ** 28;
const outputsMax = 64;
/** After so many issues the rest of a model is not looked at. */
const issuesMax = 100;

/**
 * Imports a model of opset 7 to 22 with batch 1. Throws MODEL_INVALID (damaged file, cycles, shapes that do not fit) or
 * MODEL_UNSUPPORTED (operators, types, dynamic shapes), with all issues of the model.
 */
export function importOnnx(bytes: Uint8Array, options: ImportOptions = {}): Graph {
  return importModel(bytes, options, null);
}

/**
 * Imports a model that is quantized already, in QDQ or operator form: the float graph that it stands for, whose weights are the
 * model's codes times their scales, and the scales. Throws as `importOnnx`.
 */
export function importQuantizedOnnx(
  bytes: Uint8Array,
  options: ImportOptions = {},
): { readonly graph: Graph; readonly notes: QuantizationNotes } {
  const notes = createNotes();
  return { graph: importModel(bytes, options, notes), notes };
}

function importModel(bytes: Uint8Array, options: ImportOptions, notes: QuantizationNotes | null): Graph {
  const where = options.name ?? 'the model';
  const model = decodeModel(bytes, where);
  const graph = model.graph!;
  const opset = readOpset(model, where);
  const externalData = options.externalData && oncePerFile(options.externalData);
  const constants = readInitializers(graph, externalData);
  const nodes = readNodes(graph, externalData);
  refuseUnsupported(nodes, opset);
  const inputs = checkedInputs(graph, constants, { dimensions: options.dimensions ?? {}, codes: notes !== null });
  const known = new Set([...constants.keys(), ...inputs.map((value) => value.name)]);
  const sorted = sortNodes(nodes, known);
  const state: ImportState = {
    nodes: [],
    values: new Map(inputs.map((value) => [value.name, value])),
    constants,
    aliases: new Map(),
    notes,
    budget: createFoldBudget([...constants.values()].reduce((sum, tensor) => sum + tensor.data.length, 0)),
  };
  importNodes(sorted, state, opset);
  const imported = finish(graph, options.name ?? graph.name ?? 'model', inputs, state);
  validateGraph(imported);
  return imported;
}

/** Imports node by node. Nodes that depend on a refused one are skipped: their inputs are unknown. */
function importNodes(nodes: readonly OnnxNode[], state: ImportState, opset: number): void {
  const context = createContext(opset, state);
  const issues: Issue[] = [];
  const refused = new Set<string>();
  let invalid = false;
  for (const node of nodes) {
    const blocked = node.inputs.some((input) => refused.has(input));
    try {
      if (!blocked) importNode(node, context, state);
    } catch (error) {
      if (!(error instanceof BitwrightError) || error.code === 'INTERNAL') throw error;
      invalid ||= error.code !== 'MODEL_UNSUPPORTED';
      issues.push(...error.issues.map((issue) => ({ where: `node ${node.name} (${node.opType})`, ...issue })));
      if (issues.length >= issuesMax) break;
    }
    const done = node.outputs.every(
      (output) => output === '' || state.values.has(output) || state.constants.has(output) || state.aliases.has(output),
    );
    if (!done) for (const output of node.outputs) refused.add(output);
  }
  if (issues.length > 0) throw new BitwrightError(invalid ? 'MODEL_INVALID' : 'MODEL_UNSUPPORTED', issues);
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

/** Builds the graph, keeping only the constants that nodes read. */
function finish(proto: GraphProto, name: string, inputs: readonly Value[], state: ImportState): Graph {
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

/** An output that is another name of a value gives the value its name, so that users find the names of their model. */
function renameOutputs(proto: GraphProto, outputs: string[], state: ImportState): void {
  outputs.forEach((current, index) => {
    const wanted = proto.output[index]!.name!;
    if (current === wanted || outputs.indexOf(current) !== index || proto.output.some(({ name }) => name === current))
      return;
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
    outputs[index] = wanted;
  });
}
