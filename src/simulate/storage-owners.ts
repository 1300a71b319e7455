/**
 * Which tensor's data each read of a program sees. The simulator gives every written tensor storage of its own, the device has one
 * arena; both agree only if no read meets bytes that something else has overwritten, so such programs are refused here.
 */
import { BitwrightError } from '../base/errors.ts';
import type { ProgramView, TensorView } from './program-view.ts';

export interface StorageOwners {
  /** Per operation, per input: the written tensor (input port or operation output) whose bytes it reads. */
  readonly operationInputs: readonly (readonly number[])[];
  /** Per tensor: the written tensor that holds its data (itself, or the source of a view), or -1 where nothing does. */
  readonly owners: readonly number[];
}

export function findStorageOwners(program: ProgramView): StorageOwners {
  const { tensors } = program;
  const owners = new Array<number>(tensors.length).fill(-1);
  for (const tensor of [...program.inputs, ...program.operations.map(({ output }) => output)]) {
    if (owners[tensor] !== -1) throw invalid(`tensor ${tensor}`, 'is written twice');
    owners[tensor] = tensor;
  }
  const live = new Set<number>();
  const write = (index: number): void => {
    for (const other of live) if (overlap(tensors[other]!, tensors[index]!)) live.delete(other);
    live.add(index);
  };
  const read = (index: number, where: string): number => {
    const source =
      owners[index] === -1 ? [...live].find((other) => sameStorage(tensors[other]!, tensors[index]!)) : owners[index]!;
    if (source === undefined || !live.has(source)) {
      throw invalid(where, `reads tensor ${index}, which nothing has written or something has overwritten`);
    }
    owners[index] = source;
    return source;
  };
  for (const input of program.inputs) write(input);
  const operationInputs = program.operations.map(({ inputs, output }, index) => {
    const sources = inputs.map((input) => read(input, `operation ${index}`));
    if (sources.some((source) => overlap(tensors[source]!, tensors[output]!))) {
      throw invalid(`operation ${index}`, 'writes over its own input');
    }
    write(output);
    return sources;
  });
  for (const output of program.outputs) read(output, 'an output');
  return { operationInputs, owners };
}

function invalid(where: string, message: string): BitwrightError {
  return new BitwrightError('ARTIFACT_INVALID', {
    message,
    where: `program.bin, ${where}`,
    next: 'Make the package again with `bitwright quantize`.',
  });
}

function overlap(a: TensorView, b: TensorView): boolean {
  return a.arenaOffsetBytes < b.arenaOffsetBytes + b.sizeBytes && b.arenaOffsetBytes < a.arenaOffsetBytes + a.sizeBytes;
}

function sameStorage(a: TensorView, b: TensorView): boolean {
  return a.arenaOffsetBytes === b.arenaOffsetBytes && a.sizeBytes === b.sizeBytes && a.dtype === b.dtype;
}
