/** When each block of the arena is alive: what the memory plan packed, read back from the program for the reports. */
import { activationBytes, type IntegerProgram, tensorElements } from '../graph/integer-program.ts';

export interface StorageBlock {
  /** Index of the tensor that owns the storage. */
  readonly tensor: number;
  readonly offsetBytes: number;
  readonly sizeBytes: number;
  /** First and last operation during which it must keep its bytes; -1 before the first, `operations.length` after the last. */
  readonly first: number;
  readonly last: number;
}

/** One block per tensor that the program writes or is given; a view extends the block that it looks at. */
export function storageLifetimes(program: IntegerProgram): StorageBlock[] {
  const blocks: { tensor: number; offsetBytes: number; sizeBytes: number; first: number; last: number }[] = [];
  const open = (tensor: number, step: number): void => {
    const { arenaOffsetBytes: offsetBytes, dtype } = program.tensors[tensor]!;
    const sizeBytes = tensorElements(program.tensors[tensor]!) * activationBytes[dtype];
    blocks.push({ tensor, offsetBytes, sizeBytes, first: step, last: step });
  };
  const use = (tensor: number, step: number): void => {
    const { arenaOffsetBytes } = program.tensors[tensor]!;
    const owner =
      blocks.findLast((block) => block.tensor === tensor) ??
      blocks.findLast((block) => block.offsetBytes === arenaOffsetBytes);
    if (owner !== undefined) owner.last = step;
  };
  for (const input of program.inputs) open(input, -1);
  program.operations.forEach((operation, step) => {
    for (const input of operation.inputs) if (input < program.tensors.length) use(input, step);
    open(operation.output, step);
  });
  for (const output of program.outputs) use(output, program.operations.length);
  return blocks;
}
