/** The table kernel: every function of one 8-bit code is 256 entries that the host builds by the profile's rule. */
import { constant, i32, type KernelSpec } from '../graph/kernel-spec.ts';
import { kernelOnly } from './common/kernel-only.ts';
import type { OpDefinition } from './op-definition.ts';

export const lookupKernel: KernelSpec = {
  name: 'lookup',
  opcode: 10,
  parameters: [i32('elements', 'Output elements.'), constant('table', '256 int8 entries, index = code + 128.')],
};

export const op: OpDefinition = kernelOnly(lookupKernel, (call) => {
  const table = call.constant('table') as Int8Array;
  const [input] = call.inputs;
  for (let index = 0; index < call.parameters.elements; index++) call.output[index] = table[input[index] + 128];
});
