import { i32, type KernelSpec } from '../graph/kernel-spec.ts';

export const mulKernel: KernelSpec = {
  name: 'mul',
  opcode: 5,
  parameters: [
    i32('elements', 'Output elements.'),
    i32(
      'input2Elements',
      'Length of input 2; index modulo it (channels-last broadcast). Equal to `elements` without broadcast.',
    ),
    i32('input1ZeroPoint', 'Zero point of input 1.'),
    i32('input2ZeroPoint', 'Zero point of input 2.'),
    i32('input1Multiplier', 'float32: bit pattern of the scale of input 1; else unused, 0.'),
    i32('input2Multiplier', 'float32: bit pattern of the scale of input 2; else unused, 0.'),
    i32('outputZeroPoint', 'Zero point of the output.'),
    i32('outputMultiplier', 'float32: bit pattern of the output scale.'),
    i32('outputShift', 'Output shift.'),
    i32('clampMin', 'Lowest output code.'),
    i32('clampMax', 'Highest output code.'),
  ],
};
