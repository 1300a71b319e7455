/** Operators that move elements. */
import type { GradientCase } from './gradient-case.ts';

export const shapes: readonly GradientCase[] = [
  {
    title: 'reshape',
    op: 'reshape',
    inputs: { x: [1, 3, 4] },
    order: ['x'],
    outputs: { y: [1, 12] },
    attributes: { shape: [1, 12] },
  },
  {
    title: 'transpose',
    op: 'transpose',
    inputs: { x: [1, 3, 4, 2] },
    order: ['x'],
    outputs: { y: [1, 4, 2, 3] },
    attributes: { permutation: [0, 2, 3, 1] },
  },
  {
    title: 'concat',
    op: 'concat',
    inputs: { a: [1, 2, 3], b: [1, 4, 3] },
    order: ['a', 'b'],
    outputs: { y: [1, 6, 3] },
    attributes: { axis: 1 },
  },
  {
    title: 'split, one part unused',
    op: 'split',
    inputs: { x: [1, 5, 3] },
    order: ['x'],
    outputs: { y: [1, 2, 3], z: [1, 3, 3] },
    attributes: { axis: 1, sizes: [2, 3] },
  },
  {
    title: 'slice',
    op: 'slice',
    inputs: { x: [1, 5, 6] },
    order: ['x'],
    outputs: { y: [1, 3, 4] },
    attributes: { begin: [0, 1, 2], end: [1, 4, 6], step: [1, 1, 1] },
  },
  {
    title: 'slice with steps',
    op: 'slice',
    inputs: { x: [1, 7, 6] },
    order: ['x'],
    outputs: { y: [1, 3, 3] },
    attributes: { begin: [0, 1, 0], end: [1, 7, 6], step: [1, 2, 2] },
  },
  {
    title: 'slice with a step that ends early',
    op: 'slice',
    inputs: { x: [1, 8, 2] },
    order: ['x'],
    outputs: { y: [1, 2, 2] },
    attributes: { begin: [0, 0, 0], end: [1, 5, 2], step: [1, 4, 1] },
  },
  {
    title: 'pad',
    op: 'pad',
    inputs: { x: [1, 2, 3] },
    order: ['x'],
    outputs: { y: [1, 5, 4] },
    attributes: { before: [0, 1, 0], after: [0, 2, 1], value: 0.5 },
  },
];
