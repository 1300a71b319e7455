import { i32, type KernelSpec } from '../graph/kernel-spec.ts';

export const transposeKernel: KernelSpec = {
  name: 'transpose',
  opcode: 14,
  parameters: [
    i32('inputSize0', 'Input size 0.'),
    i32('inputSize1', 'Input size 1.'),
    i32('inputSize2', 'Input size 2.'),
    i32('inputSize3', 'Input size 3.'),
    i32('axis0', 'Input axis that becomes output axis 0.'),
    i32('axis1', 'Input axis that becomes output axis 1.'),
    i32('axis2', 'Input axis that becomes output axis 2.'),
    i32('axis3', 'Input axis that becomes output axis 3.'),
  ],
};
