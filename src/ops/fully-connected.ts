import { constant, i32, type KernelSpec } from '../graph/kernel-spec.ts';

export const fullyConnectedKernel: KernelSpec = {
  name: 'fully-connected',
  opcode: 3,
  parameters: [
    i32('rows', 'Input rows, each multiplied by the same weights.'),
    i32('inputs', 'Length of an input row.'),
    i32('outputs', 'Length of an output row.'),
    i32('weightZeroPoint', 'Subtracted from each weight code; 0 for symmetric weights.'),
    i32('weightBits', '8, 4 or 2: how `weights` is packed (3-bit codes travel as 4).'),
    i32('inputZeroPoint', 'Zero point of the input.'),
    i32('outputZeroPoint', 'Zero point of the output.'),
    i32('clampMin', 'Lowest output code.'),
    i32('clampMax', 'Highest output code.'),
    i32('channelStep', '1: multiplier and shift per output channel; 0: one for all.'),
    constant('weights', 'Packed codes [outputs][inputs].'),
    constant('bias', 'int32 per output channel (int64 where the activations are int16); none: zeros.'),
    constant('multiplier', 'int32 per channel or one; meaning by rule.'),
    constant('shift', 'int32 per channel or one; positive is left.'),
  ],
};
