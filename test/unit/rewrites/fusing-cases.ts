/** Cases of the rewrites that fuse, move and drop nodes. */
import { floatScalar, intVector } from '../../../src/onnx/onnx-builder.ts';
import type { RewriteCase } from './rewrite-case.ts';

export const fusingCases: readonly RewriteCase[] = [
  {
    name: 'clamps: composed, moved above a pool and a reshape, not across a second reader',
    shape: [3, 4, 4],
    left: ['conv+clamp', 'max-pool', 'reshape', 'add', 'clamp', 'sub'],
    build: (b, random) => {
      b.node('Conv', ['x', random('w', [3, 3, 1, 1])], ['c'], { name: 'conv' });
      b.node('Relu', ['c'], ['r'], { name: 'r' });
      b.node('MaxPool', ['r'], ['p'], {
        name: 'pool',
        attributes: { kernel_shape: { ints: [2, 2] }, strides: { ints: [2, 2] } },
      });
      b.node('Flatten', ['p'], ['f'], { name: 'f' });
      b.node('Clip', ['f', b.constant('low', floatScalar(-1)), b.constant('high', floatScalar(0.5))], ['k'], {
        name: 'k',
      });
      b.node('Clip', ['k', b.constant('low2', floatScalar(-0.5))], ['k2'], { name: 'k2' });
      b.node('Add', ['k2', 'k2'], ['s'], { name: 's' });
      b.node('Relu', ['s'], ['q'], { name: 'q' });
      b.node('Sub', ['q', 's'], ['y'], { name: 'unused by none' });
    },
  },
  {
    name: 'an average over the whole image is a global one, a smaller window is not',
    shape: [2, 6, 5],
    left: ['average-pool', 'global-average-pool'],
    build: (b) => {
      b.node('AveragePool', ['x'], ['a'], { name: 'a', attributes: { kernel_shape: { ints: [2, 2] } } });
      b.node('AveragePool', ['a'], ['y'], { name: 'b', attributes: { kernel_shape: { ints: [5, 4] } } });
    },
  },
  {
    name: 'hard swish and hard sigmoid by Clip, in every order of their factors',
    shape: [8],
    left: ['hard-swish', 'hard-swish', 'hard-sigmoid'],
    build: (b) => {
      const number = (name: string, value: number): string => b.constant(name, floatScalar(value));
      const clip = (input: string, output: string): void => {
        b.node('Add', [input, number('three', 3)], [`${output}/sum`], { name: `${output}/sum` });
        b.node('Clip', [`${output}/sum`, number('zero', 0), number('six', 6)], [output], { name: output });
      };
      clip('x', 'k1');
      b.node('Mul', ['x', 'k1'], ['m1'], { name: 'm1' });
      b.node('Div', ['m1', number('sixth', 6)], ['h1'], { name: 'h1' });
      clip('h1', 'k2');
      b.node('Div', ['k2', 'sixth'], ['g2'], { name: 'g2' });
      b.node('Mul', ['g2', 'h1'], ['h2'], { name: 'h2' });
      clip('h2', 'k3');
      b.node('Div', ['k3', 'sixth'], ['y'], { name: 'h3' });
    },
  },
  {
    name: 'Gelu by Erf, halved last and first',
    shape: [8],
    left: ['gelu', 'gelu'],
    build: (b) => {
      const number = (name: string, value: number): string => b.constant(name, floatScalar(value));
      const gate = (input: string, output: string): void => {
        b.node('Div', [input, number('root', Math.SQRT2)], [`${output}/d`], { name: `${output}/d` });
        b.node('Erf', [`${output}/d`], [`${output}/e`], { name: `${output}/e` });
        b.node('Add', [`${output}/e`, number('one', 1)], [output], { name: output });
      };
      gate('x', 'g1');
      b.node('Mul', ['x', 'g1'], ['m1'], { name: 'm1' });
      b.node('Mul', ['m1', number('half', 0.5)], ['h1'], { name: 'h1' });
      gate('h1', 'g2');
      b.node('Mul', ['h1', 'half'], ['m2'], { name: 'm2' });
      b.node('Mul', ['m2', 'g2'], ['y'], { name: 'h2' });
    },
  },
  {
    name: 'what only looks like hard swish: another bound, a value that is read elsewhere',
    shape: [8],
    left: ['add+clamp', 'mul', 'mul', 'add'],
    build: (b) => {
      b.node('Add', ['x', b.constant('three', floatScalar(3))], ['s'], { name: 's' });
      b.node('Clip', ['s', b.constant('zero', floatScalar(0)), b.constant('five', floatScalar(5))], ['k'], {
        name: 'k',
      });
      b.node('Mul', ['x', 'k'], ['m'], { name: 'm' });
      b.node('Div', ['m', b.constant('six', floatScalar(6))], ['h'], { name: 'h' });
      b.node('Add', ['h', 'k'], ['y'], { name: 'y' });
    },
  },
  {
    name: 'slices of slices',
    shape: [7, 11],
    left: ['slice'],
    build: (b) => {
      const list = (name: string, ...values: number[]): string => b.constant(name, intVector(values));
      b.node('Slice', ['x', list('b1', 1, 0), list('e1', 7, 11), list('a1', 1, 2), list('s1', 2, 1)], ['p'], {
        name: 'p',
      });
      b.node('Slice', ['p', list('b2', 1, 1), list('e2', 3, 11), list('a2', 1, 2), list('s2', 1, 2)], ['q'], {
        name: 'q',
      });
      b.node('Slice', ['q', list('b3', 1), list('e3', 4), list('a3', 2), list('s3', 2)], ['y'], { name: 'r' });
    },
  },
  {
    name: 'dead branches and reshapes of reshapes',
    shape: [2, 6],
    left: ['reshape', 'clamp'],
    build: (b) => {
      b.node('Reshape', ['x', b.constant('s1', intVector([0, 3, 4]))], ['a'], { name: 'a' });
      b.node('Reshape', ['a', b.constant('s2', intVector([0, 4, 3]))], ['c'], { name: 'c' });
      b.node('Sigmoid', ['c'], ['dead'], { name: 'dead' });
      b.node('Relu', ['c'], ['y'], { name: 'r' });
    },
  },
];
