import { i32, type KernelSpec } from '../graph/kernel-spec.ts';

export const concatKernel: KernelSpec = {
  name: 'concat',
  opcode: 11,
  parameters: [
    i32('outer', 'Product of the axes before the joined one.'),
    i32('inner0', 'Elements of input 0 in one outer step; 0 where there is no such input.'),
    i32('inner1', 'Elements of input 1 in one outer step; 0 where there is no such input.'),
    i32('inner2', 'Elements of input 2 in one outer step; 0 where there is no such input.'),
    i32('inner3', 'Elements of input 3 in one outer step; 0 where there is no such input.'),
    i32('inner4', 'Elements of input 4 in one outer step; 0 where there is no such input.'),
    i32('inner5', 'Elements of input 5 in one outer step; 0 where there is no such input.'),
    i32('inner6', 'Elements of input 6 in one outer step; 0 where there is no such input.'),
  ],
};
