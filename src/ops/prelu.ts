import { constant, i32, type KernelSpec } from '../graph/kernel-spec.ts';

export const preluKernel: KernelSpec = {
  name: 'prelu',
  opcode: 21,
  parameters: [
    i32('elements', 'Output elements.'),
    i32(
      'input2Elements',
      'Length of input 2; index modulo it (channels-last broadcast). Equal to `elements` without broadcast.',
    ),
    i32('inputZeroPoint', 'Zero point of the input.'),
    i32('slopeZeroPoint', 'Slope zero point.'),
    i32('outputZeroPoint', 'Zero point of the output.'),
    i32('positiveMultiplier', 'Positive multiplier.'),
    i32('positiveShift', 'Positive shift.'),
    i32('negativeMultiplier', 'Negative multiplier.'),
    i32('negativeShift', 'Negative shift.'),
    i32('clampMin', 'Lowest output code.'),
    i32('clampMax', 'Highest output code.'),
    constant('slope', 'int8 codes, index modulo their count.'),
  ],
};
