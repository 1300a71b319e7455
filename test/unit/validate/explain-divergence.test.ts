/** A device that rounds by another profile's rule, or swaps nibbles, is told so from one layer's codes. */
import { expect, test } from 'vitest';
import { getProfile } from '../../../src/arithmetic/registry.ts';
import { seededRandom } from '../../../src/base/random.ts';
import { floatTensor } from '../../../src/base/tensor.ts';
import type { IntegerProgram } from '../../../src/graph/integer-program.ts';
import { lower } from '../../../src/lower/lower.ts';
import type { CodeArray } from '../../../src/simulate/engine.ts';
import { quantizeSamples } from '../../../src/simulate/quantize-samples.ts';
import { runReference } from '../../../src/simulate/reference-engine.ts';
import { explainDivergence, operationAlone } from '../../../src/validate/explain-divergence.ts';
import { rangePlan, runFloatGraph, smallNetwork } from '../../support/small-network.ts';

const graph = smallNetwork(11);
const random = seededRandom(11);
const image = floatTensor(
  [1, 3, 7, 5],
  Float32Array.from({ length: 105 }, () => random.next()),
);
const profile = getProfile('cmsis-nn');
const program = lower(graph, rangePlan(graph, [runFloatGraph(graph, image)], 4), profile);
const input = quantizeSamples([{ tensor: program.tensors[program.inputs[0]!]!, samples: image }], profile.quantizeInput)
  .inputs[0]!;

/** Input and output codes of one operation in the whole program. */
function codesOf(index: number): { inputs: CodeArray[]; output: CodeArray } {
  const known = new Map<number, CodeArray>([[program.inputs[0]!, input]]);
  runReference(program, [input], (operation, _, output) => known.set(operation.output, output.slice() as CodeArray));
  const { inputs, output } = program.operations[index]!;
  return { inputs: inputs.map((tensor) => known.get(tensor)!), output: known.get(output)! };
}

const mix = program.operations.findIndex(({ name }) => name === 'mix');

test('an operation alone computes what it computes in the program', () => {
  const { inputs, output } = codesOf(mix);
  expect(runReference(operationAlone(program, mix), inputs)).toEqual([output]);
});

test('another rounding rule is named', () => {
  const { inputs, output } = codesOf(mix);
  const alone = operationAlone(program, mix);
  const single: IntegerProgram = { ...alone, operations: [{ ...alone.operations[0]!, rule: 'single' }] };
  const actual = runReference(single, inputs)[0]!;
  expect(actual).not.toEqual(output);
  expect(explainDivergence(program, mix, inputs, actual)).toContain('matches the profile tflite-single (rule single)');
});

test('swapped nibbles are named', () => {
  const { inputs } = codesOf(mix);
  const alone = operationAlone(program, mix);
  const weights = alone.operations[0]!.parameters.weights!;
  const constants = alone.constants.map((constant, index) =>
    index === weights
      ? { ...constant, data: (constant.data as Int8Array).map((_, at, all) => all[at ^ 1]!) }
      : constant,
  );
  const actual = runReference({ ...alone, constants }, inputs)[0]!;
  expect(explainDivergence(program, mix, inputs, actual)).toEqual(['matches int4 weights with the nibbles swapped']);
});

test('noise is explained by nothing', () => {
  const { inputs, output } = codesOf(mix);
  const actual = output.slice() as CodeArray;
  actual[3] = actual[3]! ^ 64;
  expect(explainDivergence(program, mix, inputs, actual)).toEqual([]);
});
