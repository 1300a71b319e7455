import { i32, type KernelSpec } from '../graph/kernel-spec.ts';

export const globalAveragePoolKernel: KernelSpec = {
  name: 'global-average-pool',
  opcode: 8,
  parameters: [
    i32('positions', 'H * W.'),
    i32('channels', 'Channels of input and output.'),
    i32('inputZeroPoint', 'Zero point of the input.'),
    i32('outputZeroPoint', 'Zero point of the output.'),
    i32('multiplier', 'Scalar; TFLite mean folds 1 / positions into it.'),
    i32('shift', 'Positive is left.'),
    i32('clampMin', 'Lowest output code.'),
    i32('clampMax', 'Highest output code.'),
  ],
};
