/** Pools: overlapping windows, padding, both divisors. */
import type { GradientCase } from './gradient-case.ts';

const pool = { kernel: [2, 2], strides: [2, 2], dilations: [1, 1], pads: [0, 0, 0, 0], clamp: null } as const;
const overlapping = { kernel: [3, 3], strides: [2, 2], dilations: [1, 1], pads: [1, 1, 1, 1], clamp: null } as const;
export const pools: readonly GradientCase[] = [
  {
    title: 'max-pool: 2x2',
    op: 'max-pool',
    inputs: { x: [1, 2, 6, 6] },
    order: ['x'],
    outputs: { y: [1, 2, 3, 3] },
    attributes: pool,
  },
  {
    title: 'max-pool: overlapping, padded',
    op: 'max-pool',
    inputs: { x: [1, 2, 7, 7] },
    order: ['x'],
    outputs: { y: [1, 2, 4, 4] },
    attributes: overlapping,
  },
  {
    title: 'average-pool: 2x2',
    op: 'average-pool',
    inputs: { x: [1, 2, 6, 6] },
    order: ['x'],
    outputs: { y: [1, 2, 3, 3] },
    attributes: { ...pool, countIncludePad: false },
  },
  {
    title: 'average-pool: overlapping, valid taps',
    op: 'average-pool',
    inputs: { x: [1, 2, 7, 6] },
    order: ['x'],
    outputs: { y: [1, 2, 4, 3] },
    attributes: { ...overlapping, countIncludePad: false },
  },
  {
    title: 'average-pool: overlapping, whole kernel',
    op: 'average-pool',
    inputs: { x: [1, 2, 7, 7] },
    order: ['x'],
    outputs: { y: [1, 2, 4, 4] },
    attributes: { ...overlapping, countIncludePad: true },
  },
  {
    title: 'average-pool: 1-D',
    op: 'average-pool',
    inputs: { x: [1, 2, 7] },
    order: ['x'],
    outputs: { y: [1, 2, 3] },
    attributes: { kernel: [1, 2], strides: [1, 2], pads: [0, 0, 0, 0], countIncludePad: true },
  },
  {
    title: 'global-average-pool',
    op: 'global-average-pool',
    inputs: { x: [1, 3, 4, 5] },
    order: ['x'],
    outputs: { y: [1, 3, 1, 1] },
  },
];
