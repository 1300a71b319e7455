import { constant, i32, type KernelSpec } from '../graph/kernel-spec.ts';

export const gatherKernel: KernelSpec = {
  name: 'gather',
  opcode: 17,
  parameters: [
    i32('count', 'Indices of one sample.'),
    i32('rows', 'Rows of the table; an index outside [0, rows) is a device fault.'),
    i32('width', 'Elements of a row.'),
    i32('weightBits', '8, 4 or 2.'),
    constant('table', 'Packed codes [rows][width].'),
  ],
};
