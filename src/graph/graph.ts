/**
 * The float IR between import and lowering. Layout is ONNX's (NCHW, weights OIHW); the batch axis is the first one and holds 1
 * here (engines put their own batch there). Graphs are plain immutable objects: a rewrite returns a new one.
 */
import type { DType, Shape, Tensor } from '../base/tensor.ts';

/** What is known of a value before anything runs. */
export interface Value {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: Shape;
}

/** Attribute values are plain JSON so that graphs print and compare. */
export type Attribute =
  | number
  | string
  | boolean
  | readonly number[]
  | { readonly min: number; readonly max: number }
  | null;
export type Attributes = Readonly<Record<string, Attribute>>;

/**
 * One operation. `op` names a file of src/ops (`conv`, `depthwise-conv`, `fully-connected`, ...). `inputs` are value or constant
 * names, '' for an absent optional one. `name` is unique in the graph and is what errors, tables and overrides refer to.
 */
export interface Node {
  readonly name: string;
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Attributes;
}

export interface Graph {
  readonly name: string;
  /** Topologically ordered. */
  readonly nodes: readonly Node[];
  /** Activation values by name (graph inputs and node outputs; constants are in `constants`). */
  readonly values: ReadonlyMap<string, Value>;
  readonly constants: ReadonlyMap<string, Tensor>;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/** The fused activation of a node as real bounds; absent means none. `{min: 0, max: Infinity}` is Relu (JSON prints Infinity as null in tables only). */
export interface FusedClamp {
  readonly min: number;
  readonly max: number;
}

export function producerOf(graph: Graph, value: string): Node | undefined {
  return graph.nodes.find((node) => node.outputs.includes(value));
}

export function consumersOf(graph: Graph, value: string): Node[] {
  return graph.nodes.filter((node) => node.inputs.includes(value));
}
