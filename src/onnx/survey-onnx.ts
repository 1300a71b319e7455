/**
 * ONNX bytes to the float IR, and what became of every node of the file. Every problem of a model is gathered: operators that are not
 * supported, nodes that break the rules of ONNX, shapes that do not fit. Constant subgraphs are computed here, because later nodes need
 * their results to know their shapes.
 */
import type { BitwrightError, Issue } from '../base/errors.ts';
import type { Graph, Value } from '../graph/graph.ts';
import { validateGraph } from '../graph/validate-graph.ts';
import { type ExternalData, oncePerFile } from './external-data.ts';
import { finishGraph } from './finish-graph.ts';
import { createFoldBudget } from './fold/fold-budget.ts';
import { createGathering, type Gathering } from './gathering.ts';
import type { ImportState } from './import/import-context.ts';
import type { OnnxNode } from './import/onnx-node.ts';
import { importNodes } from './import-nodes.ts';
import { decodeModel, type GraphProto } from './model-proto.ts';
import type { QuantizationNotes } from './quantization-notes.ts';
import { checkedInputs, readInitializers, readNodes, readOpset } from './read-model.ts';
import { sortNodes } from './sort-nodes.ts';
import { operatorName, refusalOf, unsupportedOperators } from './supported-operators.ts';

export interface ImportOptions {
  /** Name of the graph and of the file in errors; default: the name in the file. */
  readonly name?: string;
  /** Bytes of external data files by their location relative to the model. */
  readonly externalData?: ExternalData;
  /** Sizes of dynamic dimensions other than the batch, by name; one without a name is called `input[axis]`. */
  readonly dimensions?: Readonly<Record<string, number>>;
}

/**
 * `imported`: as nodes of the graph. `folded`: computed at import, or another name of its input. `blocked`: not looked at, because it
 * reads what a rejected node would make, or because the file as a whole cannot be read.
 */
export type NodeFate =
  | { readonly state: 'imported'; readonly into: readonly string[] }
  | { readonly state: 'folded' | 'blocked' }
  | { readonly state: 'rejected'; readonly issues: readonly Issue[] };

/** A node of the file: its operator by its ONNX name, its inputs and outputs by the names in the file. */
export interface SurveyedNode {
  readonly name: string;
  readonly operator: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly fate: NodeFate;
}

export interface OnnxSurvey {
  /** All nodes, in the order of the file. */
  readonly nodes: readonly SurveyedNode[];
  /** Everything wrong with the model, under one code; null where it can be imported. */
  readonly error: BitwrightError | null;
  /** The model; where `error` is set, the part of it that could be imported, or null if none. */
  readonly graph: Graph | null;
  /** Other names that nodes of the file gave to a value, by that name. */
  readonly aliases: ReadonlyMap<string, string>;
}

/** Throws MODEL_INVALID only where the nodes themselves cannot be read. `notes` collects the scales of a quantized model. */
export function surveyOnnx(
  bytes: Uint8Array,
  options: ImportOptions = {},
  notes: QuantizationNotes | null = null,
): OnnxSurvey {
  const where = options.name ?? 'the model';
  const model = decodeModel(bytes, where);
  const proto = model.graph!;
  const externalData = options.externalData && oncePerFile(options.externalData);
  const gathering = createGathering();
  const opset = gathering.attempt(() => readOpset(model, where));
  const constants = gathering.attempt(() => readInitializers(proto, externalData));
  const nodes = readNodes(proto, externalData);
  gathering.add('MODEL_UNSUPPORTED', unsupportedOperators(nodes, opset));
  const inputOptions = { dimensions: options.dimensions ?? {}, codes: notes !== null };
  const inputs = constants && gathering.attempt(() => checkedInputs(proto, constants, inputOptions));
  const known = new Set([...(constants?.keys() ?? []), ...(inputs ?? []).map((value) => value.name)]);
  const sorted = inputs && gathering.attempt(() => sortNodes(nodes, known));
  if (opset === undefined || constants === undefined || inputs === undefined || sorted === undefined) {
    return { nodes: nodes.map((node) => surveyed(node)), error: gathering.error(), graph: null, aliases: new Map() };
  }
  const state: ImportState = {
    nodes: [],
    values: new Map(inputs.map((value) => [value.name, value])),
    constants,
    aliases: new Map(),
    notes,
    budget: createFoldBudget([...constants.values()].reduce((sum, tensor) => sum + tensor.data.length, 0)),
  };
  const fates = importNodes(sorted, state, opset, gathering);
  const graph = graphOf(proto, options.name ?? proto.name ?? 'model', inputs, state, gathering);
  return {
    nodes: nodes.map((node) => surveyed(node, fates.get(node))),
    error: gathering.error(),
    graph,
    aliases: state.aliases,
  };
}

function surveyed(node: OnnxNode, fate?: NodeFate): SurveyedNode {
  const refusal = refusalOf(node);
  const unseen: NodeFate = refusal === undefined ? { state: 'blocked' } : { state: 'rejected', issues: [refusal] };
  const { name, inputs, outputs } = node;
  return { name, operator: operatorName(node), inputs, outputs, fate: fate ?? unseen };
}

function graphOf(
  proto: GraphProto,
  name: string,
  inputs: readonly Value[],
  state: ImportState,
  gathering: Gathering,
): Graph | null {
  const whole =
    gathering.issues.length > 0
      ? undefined
      : gathering.attempt(() => {
          const graph = finishGraph(proto, name, inputs, state);
          validateGraph(graph);
          return graph;
        });
  return whole ?? partOf(name, inputs, state);
}

/** What could be imported of a model that is refused; what nothing reads is its output. */
function partOf(name: string, inputs: readonly Value[], { nodes, values, constants }: ImportState): Graph | null {
  if (nodes.length === 0) return null;
  const read = new Set(nodes.flatMap((node) => node.inputs));
  const outputs = nodes.flatMap((node) => node.outputs).filter((output) => !read.has(output));
  const kept = new Map([...constants].filter(([constant]) => read.has(constant)));
  return { name, nodes, values, constants: kept, inputs: inputs.map((value) => value.name), outputs };
}
