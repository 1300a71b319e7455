/** Every rewrite on a small model: what remains of the graph, and that onnxruntime computes the same from it as from the original. */
import { expect, test } from 'vitest';
import { seededRandom } from '../../../src/base/random.ts';
import type { Tensor } from '../../../src/base/tensor.ts';
import { createFloatEngine } from '../../../src/calibrate/float-engine.ts';
import { printGraph } from '../../../src/graph/print-graph.ts';
import { importOnnx } from '../../../src/onnx/import-onnx.ts';
import { createOnnxBuilder } from '../../../src/onnx/onnx-builder.ts';
import { rewrite } from '../../../src/rewrites/rewrite.ts';
import { foldingCases } from './folding-cases.ts';
import { fusingCases } from './fusing-cases.ts';

const label = (op: string, clamp: unknown): string => (op !== 'clamp' && clamp != null ? `${op}+clamp` : op);

test.each([...foldingCases, ...fusingCases].map((entry) => [entry.name, entry] as const))(
  '%s',
  async (_name, entry) => {
    const random = seededRandom(7);
    const builder = createOnnxBuilder();
    builder.input('x', 'float32', ['N', ...entry.shape]);
    entry.build(builder, (name, shape, low = -1) => {
      const data = Float32Array.from(
        { length: shape.reduce((a, c) => a * c, 1) },
        () => low + random.next() * (1 - low),
      );
      return builder.constant(name, { dtype: 'float32', shape, data });
    });
    builder.output('y', 'float32', []);
    const bytes = builder.finish({ opset: 13, name: 'test' });
    const graph = rewrite(importOnnx(bytes));
    expect(
      graph.nodes.map((node) => label(node.op, node.attributes.clamp)),
      printGraph(graph),
    ).toEqual(entry.left);
    const count = entry.shape.reduce((a, c) => a * c, 2);
    const input: Tensor = {
      dtype: 'float32',
      shape: [2, ...entry.shape],
      data: Float32Array.from({ length: count }, () => random.normal()),
    };
    const [original, rewritten] = await Promise.all(
      [bytes, graph].map(async (model) => {
        const engine = await createFloatEngine(model, { threads: 1 });
        const outputs = await engine.run([input]);
        await engine.close();
        return outputs.get('y')!.data as Float32Array;
      }),
    );
    expect(rewritten!.length).toBe(original!.length);
    const worst = original!.reduce((most, value, index) => Math.max(most, Math.abs(value - rewritten![index]!)), 0);
    expect(worst).toBeLessThan(2e-5);
  },
);

// A pass that only moved one activation would make these chains take minutes.
test('long chains of pools, activations and additions are rewritten quickly', () => {
  const builder = createOnnxBuilder();
  builder.input('x', 'float32', ['N', 2, 4, 4]);
  builder.constant('w', { dtype: 'float32', shape: [2, 2, 1, 1], data: Float32Array.of(1, 0, 0, 1) });
  builder.constant('one', { dtype: 'float32', shape: [1], data: Float32Array.of(1) });
  builder.node('Conv', ['x', 'w'], ['v0'], { name: 'conv' });
  const steps = 4000;
  for (let step = 0; step < steps; step++) {
    const pooled = step < steps / 2;
    if (pooled)
      builder.node('MaxPool', [`v${step}`], [`p${step}`], {
        name: 'pool',
        attributes: { kernel_shape: { ints: [1, 1] } },
      });
    builder.node(pooled ? 'Relu' : 'Add', pooled ? [`p${step}`] : [`v${step}`, 'one'], [`v${step + 1}`], {
      name: 'step',
    });
  }
  builder.output(`v${steps}`, 'float32', []);
  const graph = rewrite(importOnnx(builder.finish({ opset: 13, name: 'chain' })));
  expect(graph.nodes.filter((node) => node.op === 'clamp')).toEqual([]);
  expect(graph.nodes[0]).toMatchObject({ op: 'conv', attributes: { clamp: { min: 0 } } });
}, 30_000);
