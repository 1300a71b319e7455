/** An ONNX model cut open between values: chosen ones become inputs or outputs, and only the nodes in between are kept. */
import type { DType } from '../base/tensor.ts';
import { encodeModel, type GraphProto, type ModelProto, type NodeProto } from './model-proto.ts';
import { typeNumbers } from './tensor-type.ts';

/** A value at the cut; the batch axis is dynamic, `shape` counts it as its first size. */
export interface CutValue {
  readonly value: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
}

/** The part of a model that computes `outputs` from `inputs`, encoded. */
export function cutModel(
  model: ModelProto,
  inputs: readonly CutValue[],
  outputs: readonly CutValue[],
): Uint8Array<ArrayBuffer> {
  const graph = model.graph!;
  const given = new Set(inputs.map(({ value }) => value));
  const node = neededNodes(
    graph,
    given,
    outputs.map(({ value }) => value),
  );
  const read = new Set(node.flatMap(({ input }) => input));
  const initializer = graph.initializer.filter(({ name }) => read.has(name ?? ''));
  return encodeModel({
    ...model,
    graph: { ...graph, node, initializer, input: inputs.map(valueInfo), output: outputs.map(valueInfo) },
  });
}

/** Walks back from the outputs; the nodes of an exported model are in execution order. */
function neededNodes(graph: GraphProto, given: ReadonlySet<string>, outputs: readonly string[]): NodeProto[] {
  const wanted = new Set(outputs.filter((value) => !given.has(value)));
  const kept: NodeProto[] = [];
  for (const node of [...graph.node].reverse()) {
    if (!node.output.some((output) => wanted.has(output))) continue;
    kept.push(node);
    for (const input of node.input) if (!given.has(input)) wanted.add(input);
  }
  return kept.reverse();
}

function valueInfo({ value, dtype, shape }: CutValue): object {
  const dim = shape.map((size, axis) => (axis === 0 ? { dimParam: 'N' } : { dimValue: size }));
  return { name: value, type: { tensorType: { elemType: typeNumbers[dtype], shape: { dim } } } };
}
