import { i32, type KernelSpec } from '../graph/kernel-spec.ts';

export const argMaxKernel: KernelSpec = {
  name: 'arg-max',
  opcode: 18,
  parameters: [i32('rows', 'Rows, each on its own.'), i32('depth', 'Elements of a row.')],
};
