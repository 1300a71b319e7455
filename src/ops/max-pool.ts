import { i32, type KernelSpec } from '../graph/kernel-spec.ts';

export const maxPoolKernel: KernelSpec = {
  name: 'max-pool',
  opcode: 6,
  parameters: [
    i32('inputHeight', 'Input height.'),
    i32('inputWidth', 'Input width.'),
    i32('channels', 'Channels of input and output.'),
    i32('outputHeight', 'Output height.'),
    i32('outputWidth', 'Output width.'),
    i32('kernelHeight', 'Kernel height.'),
    i32('kernelWidth', 'Kernel width.'),
    i32('strideHeight', 'Stride height.'),
    i32('strideWidth', 'Stride width.'),
    i32('dilationHeight', 'Dilation height.'),
    i32('dilationWidth', 'Dilation width.'),
    i32('padTop', 'Pad top.'),
    i32('padLeft', 'Pad left.'),
    i32('clampMin', 'Lowest output code.'),
    i32('clampMax', 'Highest output code.'),
  ],
};
