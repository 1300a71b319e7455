/** Every supported ONNX operator: the original model in onnxruntime against the imported graph, written back and run there, and run by the float references. */
import { expect, test } from 'vitest';
import type { FloatTensor, Tensor } from '../../../src/base/tensor.ts';
import { createFloatEngine } from '../../../src/calibrate/float-engine.ts';
import type { Graph } from '../../../src/graph/graph.ts';
import { importOnnx } from '../../../src/onnx/import-onnx.ts';
import { getOp } from '../../../src/ops/registry.ts';
import { buildCase, randomInput } from './case-builder.ts';
import { computeCases } from './compute-cases.ts';
import { movementCases } from './movement-cases.ts';

const samples = 3;
const seed = 1;

function runReferences(graph: Graph, input: Tensor): FloatTensor {
  const tensors = new Map<string, Tensor>([...graph.constants, [graph.inputs[0]!, input]]);
  for (const node of graph.nodes) {
    const outputs = getOp(node.op).runFloat(
      node,
      node.inputs.map((name) => tensors.get(name)),
    );
    for (const [index, name] of node.outputs.entries()) tensors.set(name, outputs[index]!);
  }
  return tensors.get(graph.outputs[0]!) as FloatTensor;
}

async function runInOrt(model: Graph | Uint8Array, input: Tensor): Promise<Tensor> {
  const engine = await createFloatEngine(model, { threads: 1 });
  const [output] = (await engine.run([input])).values();
  await engine.close();
  return output!;
}

const largestDifference = (a: Tensor, b: Tensor): number =>
  (a.data as Float32Array).reduce((most, value, index) => Math.max(most, Math.abs(value - Number(b.data[index]))), 0);

test.each([...computeCases, ...movementCases].map((entry) => [entry.name, entry] as const))(
  '%s',
  async (_name, entry) => {
    const bytes = buildCase(entry, seed);
    const input = randomInput(entry.shape, samples, seed + 1);
    const original = await runInOrt(bytes, input);
    const graph = importOnnx(bytes);
    expect(graph.nodes.map((node) => node.op)).toEqual(entry.ops);
    expect(graph.values.get(graph.outputs[0]!)!.shape).toEqual([1, ...original.shape.slice(1)]);
    const written = await runInOrt(graph, input);
    expect(written.shape).toEqual(original.shape);
    expect(largestDifference(written, original)).toBeLessThan(1e-5);
    const single = {
      ...input,
      shape: [1, ...entry.shape],
      data: (input.data as Float32Array<ArrayBuffer>).slice(0, input.data.length / samples),
    };
    const referenced = runReferences(graph, single);
    expect(referenced.shape).toEqual([1, ...original.shape.slice(1)]);
    expect(largestDifference(referenced, original)).toBeLessThan(1e-5);
  },
);
