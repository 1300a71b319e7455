import { i32, type KernelSpec } from '../graph/kernel-spec.ts';

export const requantizeKernel: KernelSpec = {
  name: 'requantize',
  opcode: 15,
  parameters: [
    i32('elements', 'Output elements.'),
    i32('inputZeroPoint', 'Zero point of the input.'),
    i32('outputZeroPoint', 'Zero point of the output.'),
    i32('multiplier', 'Meaning by rule.'),
    i32('shift', 'Positive is left.'),
    i32('clampMin', 'Lowest output code.'),
    i32('clampMax', 'Highest output code.'),
  ],
};
