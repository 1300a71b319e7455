import { constant, i32, type KernelSpec } from '../graph/kernel-spec.ts';

export const resizeKernel: KernelSpec = {
  name: 'resize',
  opcode: 16,
  parameters: [
    i32('inputHeight', 'Input height.'),
    i32('inputWidth', 'Input width.'),
    i32('channels', 'Channels of input and output.'),
    i32('outputHeight', 'Output height.'),
    i32('outputWidth', 'Output width.'),
    i32('mode', '0: nearest; 1: bilinear.'),
    constant('rowIndex', 'int32 per output row: source row, or for bilinear two rows and a weight in 1/2048.'),
    constant('columnIndex', 'The same per output column.'),
    i32('zeroPoint', 'Zero point.'),
    i32('clampMin', 'Lowest output code.'),
    i32('clampMax', 'Highest output code.'),
  ],
};
