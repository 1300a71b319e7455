import { i32, type KernelSpec } from '../graph/kernel-spec.ts';

export const matMulKernel: KernelSpec = {
  name: 'mat-mul',
  opcode: 20,
  parameters: [
    i32('batch', 'Products of one sample.'),
    i32('rows', 'Rows, each on its own.'),
    i32('depth', 'Elements of a row.'),
    i32('columns', 'Columns.'),
    i32('input1ZeroPoint', 'Zero point of input 1.'),
    i32('input2ZeroPoint', 'Zero point of input 2.'),
    i32('outputZeroPoint', 'Zero point of the output.'),
    i32('multiplier', 'Meaning by rule.'),
    i32('shift', 'Positive is left.'),
    i32('clampMin', 'Lowest output code.'),
    i32('clampMax', 'Highest output code.'),
  ],
};
