import { i32, type KernelSpec } from '../graph/kernel-spec.ts';

export const softmaxKernel: KernelSpec = {
  name: 'softmax',
  opcode: 9,
  parameters: [
    i32('rows', 'Rows, each on its own.'),
    i32('depth', 'Elements of a row.'),
    i32('inputMultiplier', 'Q0.31 multiplier of the input difference.'),
    i32('inputLeftShift', 'Input left shift.'),
    i32('diffMin', 'Differences below it contribute nothing; negative.'),
  ],
};
