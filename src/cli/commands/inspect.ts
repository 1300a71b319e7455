/** `bitwright inspect`: what becomes of every node of a model, its cost, and what the whole needs on a target. */
import type { Command } from 'commander';
import { elementCount } from '../../base/tensor.ts';
import { loadTarget } from '../../data/targets.ts';
import type { Graph, Node } from '../../graph/graph.ts';
import { printGraph } from '../../graph/print-graph.ts';
import { getOp } from '../../ops/registry.ts';
import { formatBytes, formatCount, formatShape } from '../../report/format.ts';
import { textTable } from '../../report/text-table.ts';
import { dimensionOption } from '../flags.ts';
import { inspectTarget, type TargetInspection } from '../steps/inspect-target.ts';
import { type LoadedModel, loadModel } from '../steps/load-model.ts';
import type { VerbDefinition } from '../verbs.ts';
import { targetsFolderOption } from './targets.ts';

interface NodeRow {
  readonly name: string;
  readonly op: string;
  /** `rewritten`: folded into another node, or replaced. `host`: left to the host. */
  readonly state: 'supported' | 'rewritten' | 'host' | 'rejected';
  readonly output: readonly number[];
  readonly macs: number;
  readonly parameters: number;
  /** Signed bits that the accumulator needs and has; null where there is none, or no target. */
  readonly accumulator: { readonly neededBits: number; readonly availableBits: number } | null;
  readonly why: string;
}

export const inspect: VerbDefinition = {
  configure: (command: Command) =>
    command
      .argument('<model>', 'float ONNX model')
      .option('--target <id>', 'also say what this target makes of it')
      .option(...targetsFolderOption)
      .option(...dimensionOption)
      .option('--graph', 'print the graph after all rewrites instead of the table'),
  run: async (context, [path], { target: id, targets: folder, graph: wantsGraph, dim }) => {
    const model = await loadModel(path!, dim as Record<string, number>);
    const target =
      id === undefined ? null : await loadTarget(id as string, folder === undefined ? [] : [folder as string]);
    const inspection = target === null ? null : inspectTarget(model.graph, target);
    const nodes = nodeRows(model, inspection);
    const total = (field: 'macs' | 'parameters'): number => nodes.reduce((sum, node) => sum + node[field], 0);
    const document = {
      schemaVersion: 1,
      model: { name: model.name, sha256: model.sha256 },
      inputs: ports(model.graph, model.graph.inputs),
      outputs: ports(model.graph, model.graph.outputs),
      rewrites: model.rewrites,
      nodes,
      macs: total('macs'),
      parameters: total('parameters'),
      target: target?.id ?? null,
      memory: inspection?.memory ?? null,
    };
    context.result(document, wantsGraph === true ? printGraph(model.graph) : text(document, inspection));
    return (inspection?.rejected.size ?? 0) > 0 ? 3 : 0;
  },
};

function ports(graph: Graph, names: readonly string[]) {
  return names.map((name) => ({ name, shape: graph.values.get(name)!.shape }));
}

/** Nodes as they are in the file, then those that rewriting made. */
function nodeRows({ imported, graph }: LoadedModel, inspection: TargetInspection | null): NodeRow[] {
  const after = new Map(graph.nodes.map((node) => [node.name, node]));
  const before = new Set(imported.nodes.map(({ name }) => name));
  const rows = imported.nodes.map((node) => {
    const kept = after.get(node.name);
    return kept === undefined ? rewrittenRow(imported, node) : keptRow(graph, kept, inspection);
  });
  const made = graph.nodes.filter(({ name }) => !before.has(name));
  return [...rows, ...made.map((node) => keptRow(graph, node, inspection))];
}

function rewrittenRow(graph: Graph, { name, op, outputs }: Node): NodeRow {
  const output = graph.values.get(outputs[0]!)?.shape ?? [];
  return {
    name,
    op,
    state: 'rewritten',
    output,
    macs: 0,
    parameters: 0,
    accumulator: null,
    why: 'folded into its neighbours',
  };
}

function keptRow(graph: Graph, node: Node, inspection: TargetInspection | null): NodeRow {
  const issues = inspection?.rejected.get(node.name);
  const onHost = inspection?.onHost.has(node.name) ?? false;
  const proof = inspection?.accumulators.get(node.name);
  const constants = node.inputs.flatMap((name) => graph.constants.get(name) ?? []);
  return {
    name: node.name,
    op: node.op,
    state: issues !== undefined ? 'rejected' : onHost ? 'host' : 'supported',
    output: graph.values.get(node.outputs[0]!)!.shape,
    macs: getOp(node.op).macs(node, graph),
    parameters: constants.reduce((sum, { shape }) => sum + elementCount(shape), 0),
    accumulator: proof === undefined ? null : { neededBits: proof.neededBits, availableBits: proof.availableBits },
    why: onHost ? 'the host applies it' : (issues?.map(({ message }) => message).join('; ') ?? ''),
  };
}

interface InspectDocument {
  readonly nodes: readonly NodeRow[];
  readonly macs: number;
  readonly parameters: number;
  readonly target: string | null;
}

function text({ nodes, macs, parameters, target }: InspectDocument, inspection: TargetInspection | null): string {
  const right = 'right' as const;
  const table = textTable(
    [
      { title: 'node' },
      { title: 'op' },
      { title: 'state' },
      { title: 'output' },
      { title: 'MACs', align: right },
      { title: 'parameters', align: right },
      { title: 'accumulator', align: right },
      { title: '' },
    ],
    nodes.map((node) => [
      node.name,
      node.op,
      node.state,
      formatShape(node.output),
      node.macs === 0 ? '' : formatCount(node.macs),
      node.parameters === 0 ? '' : formatCount(node.parameters),
      node.accumulator === null ? '' : `${node.accumulator.neededBits} of ${node.accumulator.availableBits} bits`,
      node.why,
    ]),
  );
  const parts = [table, `${formatCount(macs)} multiply-accumulates, ${formatCount(parameters)} parameters`];
  if (inspection !== null && inspection.memory.length > 0) {
    const rows = inspection.memory.map(({ weightBits, programBytes, weightBytes, arenaBytes, fits }) => [
      String(weightBits),
      formatBytes(programBytes),
      formatBytes(weightBytes),
      formatBytes(arenaBytes),
      fits ? 'yes' : 'no',
    ]);
    const columns = ['weight bits', 'program', 'weights', 'arena', `fits ${target}`];
    parts.push(
      textTable(
        columns.map((title) => ({ title, align: right })),
        rows,
      ),
    );
  }
  return parts.join('\n\n');
}
