/** The TypeScript reference: runs an integer program with each op's readable `runInteger`. Slow on purpose; the oracle of every other execution. */
import { getRule } from '../arithmetic/registry.ts';
import { assert, BitwrightError } from '../base/errors.ts';
import {
  type IntegerOperation,
  type IntegerProgram,
  type ProgramTensor,
  tensorElements,
} from '../graph/integer-program.ts';
import { getOp } from '../ops/registry.ts';
import type { CodeArray } from './engine.ts';

/** A zeroed code array for one sample of a tensor. */
export function codeArray(tensor: ProgramTensor): CodeArray {
  const elements = tensorElements(tensor);
  switch (tensor.dtype) {
    case 'int8':
      return new Int8Array(elements);
    case 'int16':
      return new Int16Array(elements);
    case 'int32':
      return new Int32Array(elements);
  }
}

/**
 * Runs one sample: one physical code array per program input. Returns the outputs in the program's order. `observe` sees each
 * operation's output as soon as it is computed (the array is live: copy what you keep).
 */
export function runReference(
  program: IntegerProgram,
  inputs: readonly CodeArray[],
  observe?: (operation: IntegerOperation, index: number, output: CodeArray) => void,
): CodeArray[] {
  const storage = new Map<number, CodeArray>();
  const read = (index: number): CodeArray => {
    const own = storage.get(index);
    if (own !== undefined) return own;
    // A view was never written: it lies where an earlier tensor of the same size was.
    const tensor = program.tensors[index]!;
    const source = [...storage.keys()].reverse().find((other) => sameStorage(program.tensors[other]!, tensor));
    assert(source !== undefined, `Tensor ${tensor.name} is read before anything wrote it.`);
    return storage.get(source)!;
  };
  program.inputs.forEach((index, port) => {
    const tensor = program.tensors[index]!;
    const codes = inputs[port];
    if (codes === undefined || codes.length !== tensorElements(tensor)) {
      throw new BitwrightError('DATASET_MISMATCH', {
        message: 'an input has another length than the program expects',
        where: `input ${tensor.name}`,
        seen: codes?.length ?? 0,
        allowed: tensorElements(tensor),
      });
    }
    storage.set(index, codes);
  });
  program.operations.forEach((operation, index) => {
    const output = codeArray(program.tensors[operation.output]!);
    const run = getOp(operation.kernel).runInteger;
    assert(run !== undefined, `The kernel ${operation.kernel} has no integer reference.`);
    run({
      operation,
      parameters: operation.parameters,
      rule: getRule(operation.rule),
      inputs: operation.inputs.map(read),
      output,
      constant: (parameter) => {
        const constant = operation.parameters[parameter];
        return constant === undefined || constant < 0 ? undefined : (program.constants[constant]!.data as Int8Array);
      },
    });
    storage.delete(operation.output);
    storage.set(operation.output, output);
    observe?.(operation, index, output);
  });
  return program.outputs.map(read);
}

function sameStorage(a: ProgramTensor, b: ProgramTensor): boolean {
  return a.arenaOffsetBytes === b.arenaOffsetBytes && a.dtype === b.dtype && tensorElements(a) === tensorElements(b);
}
