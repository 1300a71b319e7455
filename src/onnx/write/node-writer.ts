/** What a writer of one IR op is given and does. */
import type { Graph, Node } from '../../graph/graph.ts';
import type { OnnxBuilder } from '../onnx-builder.ts';

export interface WriteContext {
  readonly graph: Graph;
  readonly builder: OnnxBuilder;
}

/** Writes the unclamped operation of a node with the given output name; the clamp is appended by the caller. */
export type NodeWriter = (node: Node, outputs: readonly string[], context: WriteContext) => void;
