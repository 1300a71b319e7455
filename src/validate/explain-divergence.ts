/** What would explain a divergent operation of a program: the operation is cut out and run alone under other rules and with usual mistakes. */
import type { IntegerProgram } from '../graph/integer-program.ts';
import type { CodeArray } from '../simulate/engine.ts';
import { explainOperation } from './explain-operation.ts';

/** `inputs` are the predicted codes of the operation's inputs, `actual` what the device answered for them. */
export function explainDivergence(
  program: IntegerProgram,
  index: number,
  inputs: readonly CodeArray[],
  actual: CodeArray,
): string[] {
  return explainOperation(operationAlone(program, index), [{ inputs, actual }]);
}

/** A program of one operation; each input gets bytes of its own. */
export function operationAlone(program: IntegerProgram, index: number): IntegerProgram {
  const operation = program.operations[index]!;
  const tensors = [...operation.inputs, operation.output].map((tensor, position) => ({
    ...program.tensors[tensor]!,
    arenaOffsetBytes: position * program.arenaBytes,
  }));
  const inputs = operation.inputs.map((_, position) => position);
  const output = operation.inputs.length;
  return {
    ...program,
    tensors,
    operations: [{ ...operation, inputs, output }],
    inputs,
    outputs: [output],
    arenaBytes: tensors.length * program.arenaBytes,
  };
}
