import { i32, type KernelSpec } from '../graph/kernel-spec.ts';

export const sliceKernel: KernelSpec = {
  name: 'slice',
  opcode: 12,
  parameters: [
    i32('inputSize0', 'Input size 0.'),
    i32('inputSize1', 'Input size 1.'),
    i32('inputSize2', 'Input size 2.'),
    i32('inputSize3', 'Input size 3.'),
    i32('begin0', 'Begin 0.'),
    i32('begin1', 'Begin 1.'),
    i32('begin2', 'Begin 2.'),
    i32('begin3', 'Begin 3.'),
    i32('step0', 'Step 0.'),
    i32('step1', 'Step 1.'),
    i32('step2', 'Step 2.'),
    i32('step3', 'Step 3.'),
    i32('outputSize0', 'Output size 0.'),
    i32('outputSize1', 'Output size 1.'),
    i32('outputSize2', 'Output size 2.'),
    i32('outputSize3', 'Output size 3.'),
  ],
};
