/** Runs the rewrites and notes where each node went that did not survive them. */
import type { Graph, Node } from '../graph/graph.ts';
import { type GraphIndex, indexGraph } from './edit-graph.ts';
import { rewrite } from './rewrite.ts';

export interface Removal {
  /** Name of the rewrite that took the node away. */
  readonly by: string;
  /** Name of the node of the rewritten graph that does its work; null where there was nothing to do. */
  readonly into: string | null;
}

export interface RewriteTrace {
  readonly graph: Graph;
  /** Names of the rewrites that changed something, in order. */
  readonly steps: readonly string[];
  /** By the name of each node that is gone. */
  readonly removed: ReadonlyMap<string, Removal>;
}

/** Throws as `rewrite`. */
export function traceRewrites(imported: Graph): RewriteTrace {
  const steps: string[] = [];
  const removed = new Map<string, Removal>();
  let before = imported;
  const graph = rewrite(imported, {
    onStep: (by, after) => {
      const gone = new Map<string, string | null>();
      const step = { before: indexGraph(before), after: indexGraph(after), kept: byName(after), gone };
      // Readers come first, so that what a chain ends in is known when its beginning is looked at.
      for (const node of before.nodes.toReversed()) {
        if (!step.kept.has(node.name)) gone.set(node.name, destination(node, step));
      }
      for (const [name, into] of gone) removed.set(name, { by, into });
      steps.push(by);
      before = after;
    },
  });
  const follow = ({ by, into }: Removal): Removal => {
    let last = into;
    for (let next = removed.get(last ?? ''); next !== undefined; next = removed.get(last ?? '')) last = next.into;
    return { by, into: last };
  };
  return { graph, steps, removed: new Map([...removed].map(([name, removal]) => [name, follow(removal)])) };
}

interface Step {
  readonly before: GraphIndex;
  readonly after: GraphIndex;
  readonly kept: ReadonlyMap<string, Node>;
  /** Destinations found so far, by the names of removed nodes. */
  readonly gone: ReadonlyMap<string, string | null>;
}

const byName = (graph: Graph): ReadonlyMap<string, Node> => new Map(graph.nodes.map((node) => [node.name, node]));

/** The node that now makes the removed one's output, or a reader of it that was changed by more than the name of its input. */
function destination(node: Node, step: Step): string | null {
  const [output] = node.outputs as readonly [string];
  const producer = step.after.producer(output);
  if (producer !== undefined) return changed(step.before.producer(node.inputs[0]!), producer) ? producer.name : null;
  for (const reader of step.before.consumers(output)) {
    const kept = step.kept.get(reader.name);
    const into = kept === undefined ? step.gone.get(reader.name) : changed(reader, kept) ? kept.name : null;
    if (into != null) return into;
  }
  return null;
}

function changed(before: Node | undefined, after: Node): boolean {
  const form = ({ op, attributes, inputs }: Node): string => JSON.stringify([op, attributes, inputs.slice(1)]);
  return before === undefined || form(before) !== form(after);
}
