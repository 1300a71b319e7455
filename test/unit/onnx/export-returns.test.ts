/** Models that bitwright exported come back by `importQuantizedOnnx`: every operator of the op suite, to a program with the same outputs. */
import { describe, expect, test } from 'vitest';
import { getProfile } from '../../../src/arithmetic/registry.ts';
import { type Random, seededRandom } from '../../../src/base/random.ts';
import { type IntegerProgram, tensorElements } from '../../../src/graph/integer-program.ts';
import { givenPlan } from '../../../src/lower/given-plan.ts';
import { lower } from '../../../src/lower/lower.ts';
import { importQuantizedOnnx } from '../../../src/onnx/import-onnx.ts';
import { exportOnnx } from '../../../src/package/onnx-export.ts';
import { rewrite } from '../../../src/rewrites/rewrite.ts';
import type { CodeArray } from '../../../src/simulate/engine.ts';
import { runReference } from '../../../src/simulate/reference-engine.ts';
import { opCases } from '../ops/op-cases.ts';
import { opGraph } from '../ops/op-graph.ts';
import { planOf } from '../ops/op-plan.ts';

const seed = Date.now() % 100000;
const profile = getProfile('onnxruntime');

function randomInputs(program: IntegerProgram, random: Random, rows: number): CodeArray[] {
  return program.inputs.map((index) => {
    const tensor = program.tensors[index]!;
    const indices = tensor.dtype === 'int32';
    const draw = (): number => (indices ? random.integer(0, rows - 1) : random.integer(tensor.qMin, tensor.qMax));
    const codes = Array.from({ length: tensorElements(tensor) }, draw);
    return indices ? Int32Array.from(codes) : Int8Array.from(codes);
  });
}

/** A softmax of the input itself leaves nothing to run; bilinear resizing has no quantized ONNX form. */
const returns = opCases.filter(({ op, attributes }) => op !== 'softmax' && attributes?.mode !== 'bilinear');

describe(`seed ${seed}`, () => {
  for (const opCase of returns) {
    test.each([8, 4])(`${opCase.op}: ${opCase.name}, %d-bit weights`, (weightBits) => {
      const built = opGraph(opCase, seed);
      const plan = planOf(built, profile, weightBits);
      const program = lower(built.graph, plan, profile);
      const { graph, notes } = importQuantizedOnnx(exportOnnx(built.graph, plan, program));
      const given = givenPlan(rewrite(graph), notes, profile);
      const again = lower(given.graph, given.plan, profile);
      const random = seededRandom(seed);
      for (let sample = 0; sample < 2; sample++) {
        const inputs = randomInputs(program, random, opCase.indicesBelow ?? 1);
        const answers = runReference(again, inputs);
        runReference(program, inputs).forEach((codes, index) => {
          const name = program.tensors[program.outputs[index]!]!.name;
          const at = again.outputs.findIndex((output) => again.tensors[output]!.name === name);
          expect([...answers[at]!], name).toEqual([...codes]);
        });
      }
    });
  }
});
