/** Float references and inferred shapes of every op against ONNX Runtime. */
import { describe, expect, it } from 'vitest';
import { createFloatEngine } from '../../../src/calibrate/float-engine.ts';
import { allOps, getOp } from '../../../src/ops/registry.ts';
import { opCases } from './op-cases.ts';
import { opGraph } from './op-graph.ts';

const seed = Date.now() % 100000;
/** A kernel without a graph op of its own. */
const kernelsOnly = ['lookup'];
/** Of quantized models, without a float form in ONNX: test/unit/ops/code-ops.test.ts. */
const ofCodes = ['code-table', 'rescale'];

describe(`float references against ONNX Runtime, seed ${seed}`, () => {
  for (const opCase of opCases) {
    it(`${opCase.op}: ${opCase.name}`, async () => {
      const { graph, node, inputs } = opGraph(opCase, seed);
      const engine = await createFloatEngine(graph, { threads: 1 });
      const expected = await engine.run(engine.inputs.map(({ name }) => inputs.get(name)!));
      await engine.close();
      const tensors = node.inputs.map((name) => inputs.get(name) ?? graph.constants.get(name));
      const outputs = getOp(node.op).runFloat(node, tensors);
      node.outputs.forEach((name, index) => {
        const oracle = expected.get(name)!;
        expect(outputs[index].shape).toEqual(oracle.shape);
        expect(graph.values.get(name)!.shape).toEqual(oracle.shape);
        const values = Array.from(oracle.data as Float32Array, Number);
        const worst = values.reduce((most, value, at) => Math.max(most, Math.abs(value - outputs[index].data[at])), 0);
        expect(worst).toBeLessThan(2e-5);
      });
    });
  }
});

it('has a case for every op', () => {
  const covered = new Set([...opCases.map(({ op }) => op), ...kernelsOnly, ...ofCodes]);
  expect(allOps.map(({ name }) => name).filter((name) => !covered.has(name))).toEqual([]);
});
