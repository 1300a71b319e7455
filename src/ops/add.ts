import { i32, type KernelSpec } from '../graph/kernel-spec.ts';

export const addKernel: KernelSpec = {
  name: 'add',
  opcode: 4,
  parameters: [
    i32('elements', 'Output elements.'),
    i32(
      'input2Elements',
      'Length of input 2; index modulo it (channels-last broadcast). Equal to `elements` without broadcast.',
    ),
    i32('subtract', '1: input 1 - input 2; 0: the sum.'),
    i32('leftShift', 'Rules double and single: bits both inputs are shifted left by before scaling.'),
    i32('input1ZeroPoint', 'Zero point of input 1.'),
    i32('input1Multiplier', 'Meaning by rule; float32: bit pattern of the scale of input 1.'),
    i32('input1Shift', 'Input 1 shift.'),
    i32('input2ZeroPoint', 'Zero point of input 2.'),
    i32('input2Multiplier', 'float32: bit pattern of the scale of input 2.'),
    i32('input2Shift', 'Input 2 shift.'),
    i32('outputZeroPoint', 'Zero point of the output.'),
    i32('outputMultiplier', 'float32: bit pattern of the output scale.'),
    i32('outputShift', 'Output shift.'),
    i32('clampMin', 'Lowest output code.'),
    i32('clampMax', 'Highest output code.'),
  ],
};
