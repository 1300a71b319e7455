/** A float graph back to ONNX, with the batch axis `N` and any values as outputs: what calibration and fine-tuning run. */
import { assert, BitwrightError } from '../base/errors.ts';
import type { FusedClamp, Graph, Node } from '../graph/graph.ts';
import { batched, createOnnxBuilder } from './onnx-builder.ts';
import { writeClip } from './write/clip.ts';
import type { WriteContext } from './write/node-writer.ts';
import { nodeWriters } from './write/table.ts';

/** Operator set of the files; 20 is the first with Gelu. */
export const writtenOpset = 20;

const writers = new Map(Object.entries(nodeWriters));

/** Encodes a graph. `outputs` (default: the graph's) may name any values. Throws MODEL_UNSUPPORTED for an op that ONNX does not have. */
export function writeOnnx(
  graph: Graph,
  options: { readonly outputs?: readonly string[] } = {},
): Uint8Array<ArrayBuffer> {
  const builder = createOnnxBuilder();
  for (const name of graph.inputs) {
    const value = graph.values.get(name)!;
    builder.input(name, value.dtype, batched(value.shape));
  }
  for (const [name, tensor] of graph.constants) builder.constant(name, tensor);
  for (const node of graph.nodes) writeNode(node, { graph, builder });
  for (const name of options.outputs ?? graph.outputs) {
    const value = graph.values.get(name);
    assert(value !== undefined, `writeOnnx was asked for ${name}, which is no value of the graph.`);
    // A graph input cannot be an output of an ONNX graph under the same name.
    assert(!graph.inputs.includes(name), `writeOnnx was asked for the graph input ${name} as an output.`);
    builder.output(name, value.dtype, batched(value.shape));
  }
  return builder.finish({ opset: writtenOpset, name: graph.name });
}

function writeNode(node: Node, context: WriteContext): void {
  const writer = writers.get(node.op);
  if (writer === undefined)
    throw new BitwrightError('MODEL_UNSUPPORTED', {
      message: `${node.op} cannot be written as ONNX`,
      where: `node ${node.name}`,
    });
  const clamp = (node.attributes.clamp ?? null) as FusedClamp | null;
  if (clamp === null || node.op === 'clamp') {
    writer(node, node.outputs, context);
    return;
  }
  const unclamped = `${node.outputs[0]}/unclamped`;
  writer(node, [unclamped], context);
  writeClip(context.builder, `${node.name}/clamp`, unclamped, node.outputs[0]!, clamp);
}
