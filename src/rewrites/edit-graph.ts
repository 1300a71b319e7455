/** What rewrites need to change a graph: who produces and reads a value, and a new graph from changed nodes with everything unused left out. */
import type { Tensor } from '../base/tensor.ts';
import type { Graph, Node, Value } from '../graph/graph.ts';

export type Rewrite = (graph: Graph) => Graph;

export interface GraphIndex {
  producer(value: string): Node | undefined;
  consumers(value: string): readonly Node[];
  /** The producer of a value that nothing else reads and that is no graph output. */
  ownedProducer(value: string): Node | undefined;
}

export function indexGraph(graph: Graph): GraphIndex {
  const producers = new Map(graph.nodes.flatMap((node) => node.outputs.map((output) => [output, node] as const)));
  const readers = new Map<string, Node[]>();
  for (const node of graph.nodes) {
    for (const input of new Set(node.inputs)) {
      const list = readers.get(input);
      if (list === undefined) readers.set(input, [node]);
      else list.push(node);
    }
  }
  const outputs = new Set(graph.outputs);
  const consumers = (value: string): readonly Node[] => readers.get(value) ?? [];
  return {
    producer: (value) => producers.get(value),
    consumers,
    ownedProducer: (value) => (outputs.has(value) || consumers(value).length !== 1 ? undefined : producers.get(value)),
  };
}

/** A local change: nodes replaced by others (none: removed), values renamed, constants and values added. */
export interface GraphEdit {
  readonly replace: ReadonlyMap<Node, readonly Node[]>;
  /** Old value name to the value that takes its place. */
  readonly rename?: readonly (readonly [string, string])[];
  readonly constants?: readonly (readonly [string, Tensor])[];
  readonly values?: readonly Value[];
}

/** Looks at one node and says how to change the graph around it, or undefined. */
export type Match = (node: Node, index: GraphIndex, graph: Graph) => GraphEdit | undefined;

/**
 * Applies a match over the whole graph, pass by pass, until nothing matches. Within a pass no node is changed twice, so that
 * each match sees the graph as it is; every edit must leave less to match.
 */
export function applyMatches(graph: Graph, match: Match): Graph {
  let current = graph;
  for (;;) {
    const edits = collectEdits(current, match);
    if (edits.length === 0) return current;
    current = applyEdits(current, edits);
  }
}

function collectEdits(graph: Graph, match: Match): GraphEdit[] {
  const index = indexGraph(graph);
  const touched = new Set<Node>();
  return graph.nodes.flatMap((node) => {
    const edit = touched.has(node) ? undefined : match(node, index, graph);
    if (edit === undefined || [...edit.replace.keys()].some((changed) => touched.has(changed))) return [];
    for (const changed of edit.replace.keys()) touched.add(changed);
    return [edit];
  });
}

/** Values and constants that nothing produces or reads any more are left out. */
export function applyEdits(graph: Graph, edits: readonly GraphEdit[]): Graph {
  const replace = new Map(edits.flatMap((edit) => [...edit.replace]));
  const renames = new Map(edits.flatMap((edit) => edit.rename ?? []));
  const rename = (name: string): string => {
    let current = name;
    for (let next = renames.get(current); next !== undefined; next = renames.get(current)) current = next;
    return current;
  };
  const renamed = (node: Node): Node =>
    node.inputs.some((input) => renames.has(input)) ? { ...node, inputs: node.inputs.map(rename) } : node;
  const nodes = graph.nodes.flatMap((node) => replace.get(node) ?? [node]).map(renamed);
  const constants = [...graph.constants, ...edits.flatMap((edit) => edit.constants ?? [])];
  const values = [
    ...graph.values,
    ...edits.flatMap((edit) => (edit.values ?? []).map((value) => [value.name, value] as const)),
  ];
  const produced = new Set([...graph.inputs, ...nodes.flatMap((node) => node.outputs)]);
  const read = new Set(nodes.flatMap((node) => node.inputs));
  return {
    ...graph,
    nodes,
    outputs: graph.outputs.map(rename),
    values: new Map(values.filter(([name]) => produced.has(name))),
    constants: new Map(constants.filter(([name]) => read.has(name))),
  };
}
