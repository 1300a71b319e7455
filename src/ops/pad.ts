import { i32, type KernelSpec } from '../graph/kernel-spec.ts';

export const padKernel: KernelSpec = {
  name: 'pad',
  opcode: 13,
  parameters: [
    i32('inputSize0', 'Input size 0.'),
    i32('inputSize1', 'Input size 1.'),
    i32('inputSize2', 'Input size 2.'),
    i32('inputSize3', 'Input size 3.'),
    i32('before0', 'Before 0.'),
    i32('before1', 'Before 1.'),
    i32('before2', 'Before 2.'),
    i32('before3', 'Before 3.'),
    i32('outputSize0', 'Output size 0.'),
    i32('outputSize1', 'Output size 1.'),
    i32('outputSize2', 'Output size 2.'),
    i32('outputSize3', 'Output size 3.'),
    i32('value', 'Code that fills the border.'),
  ],
};
