import { i32, type KernelSpec } from '../graph/kernel-spec.ts';

export const averagePoolKernel: KernelSpec = {
  name: 'average-pool',
  opcode: 7,
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
    i32('countIncludePad', '1: the divisor is the whole kernel; 0: the valid taps.'),
    i32('method', '0: integer half away in the code domain (TFLite); 1: integer floor; 2: float32 (rule float32).'),
    i32('inputZeroPoint', 'Zero point of the input.'),
    i32('outputZeroPoint', 'Zero point of the output.'),
    i32('inputMultiplier', 'float32 method: bit pattern of the input scale.'),
    i32('outputMultiplier', 'float32 method: bit pattern of the output scale.'),
    i32('clampMin', 'Lowest output code.'),
    i32('clampMax', 'Highest output code.'),
  ],
};
