import { constant, i32, type KernelSpec } from '../graph/kernel-spec.ts';

export const lookupKernel: KernelSpec = {
  name: 'lookup',
  opcode: 10,
  parameters: [
    i32('elements', 'Output elements.'),
    constant('table', '256 int8 entries, index = code + 128.'),
  ],
};
