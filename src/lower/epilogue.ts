/** What of the graph's end the host computes in float because the profile has no exact integer form of it. */
import type { NumericProfile } from '../arithmetic/profile.ts';
import { consumersOf, type Graph, producerOf } from '../graph/graph.ts';

export interface Epilogue {
  readonly graph: Graph;
  /** By output name of the cut graph: what the host applies to the dequantized values. */
  readonly softmaxOf: ReadonlySet<string>;
}

/** The value that feeds a trailing softmax, or the output itself: where logits are read. */
export function logitsOf(graph: Graph, output: string): string {
  const producer = producerOf(graph, output);
  return producer !== undefined && producer.op === 'softmax' ? producer.inputs[0]! : output;
}

/** The logits, or what an arg-max that ends the graph compares: the reals by which an output is judged. */
export function scoresOf(graph: Graph, output: string): string {
  const producer = producerOf(graph, output);
  return producer?.op === 'arg-max' ? producer.inputs[0]! : logitsOf(graph, output);
}

/** Cuts each softmax that ends the graph when the profile cannot run it. Other softmaxes stay and are refused by their op. */
export function cutEpilogue(graph: Graph, profile: NumericProfile): Epilogue {
  const softmaxOf = new Set<string>();
  if (profile.softmax !== 'unsupported') return { graph, softmaxOf };
  const removed = new Set<string>();
  const outputs = graph.outputs.map((output) => {
    const logits = logitsOf(graph, output);
    if (logits === output || consumersOf(graph, output).length > 0) return output;
    softmaxOf.add(logits);
    removed.add(output);
    return logits;
  });
  if (removed.size === 0) return { graph, softmaxOf };
  return {
    softmaxOf,
    graph: {
      ...graph,
      nodes: graph.nodes.filter((node) => !node.outputs.some((output) => removed.has(output))),
      values: new Map([...graph.values].filter(([name]) => !removed.has(name))),
      outputs,
    },
  };
}
