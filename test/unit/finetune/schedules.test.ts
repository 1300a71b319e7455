/** Schedules against tabulated values. */
import { expect, test } from 'vitest';
import { alphaAt, gradientShare, learningRateAt } from '../../../src/finetune/schedules.ts';

const ramp = { schedule: 'cubic', from: 0, start: 0, end: 1, every: 1 } as const;

test('the cubic ramp has the published values', () => {
  const table = { 100: 0.271, 200: 0.488, 250: 0.578125, 300: 0.657, 500: 0.875, 750: 0.984375, 900: 0.999 };
  for (const [step, alpha] of Object.entries(table)) expect(alphaAt(Number(step), 1000, ramp)).toBeCloseTo(alpha, 9);
});

test('alpha is exactly 0 before the ramp and exactly 1 after it', () => {
  const inner = { ...ramp, start: 0.1, end: 0.8 };
  expect([0, 99, 100].map((step) => alphaAt(step, 1000, inner))).toEqual([0, 0, 0]);
  expect(alphaAt(101, 1000, inner)).toBeGreaterThan(0);
  expect(alphaAt(799, 1000, inner)).toBeLessThan(1);
  expect([800, 999, 1000].map((step) => alphaAt(step, 1000, inner))).toEqual([1, 1, 1]);
});

test('a ramp that starts near the codes covers the rest of the way', () => {
  const late = { ...ramp, from: 0.5, schedule: 'linear', start: 0.2 } as const;
  expect([0, 20, 60, 100].map((step) => alphaAt(step, 100, late))).toEqual([0.5, 0.5, 0.75, 1]);
});

test('other schedules at half way, and updates every few steps', () => {
  const half = (['quadratic', 'linear', 'cosine'] as const).map((schedule) => alphaAt(50, 100, { ...ramp, schedule }));
  expect(half[0]).toBeCloseTo(0.75, 12);
  expect(half[1]).toBeCloseTo(0.5, 12);
  expect(half[2]).toBeCloseTo(0.5, 12);
  const coarse = { ...ramp, schedule: 'linear', every: 10 } as const;
  expect([50, 59, 60].map((step) => alphaAt(step, 100, coarse))).toEqual([0.5, 0.5, 0.6]);
});

test('the share of a gradient is 1 - alpha as published, and whole for longer where the learning rate makes up for it', () => {
  const alphas = [0, 0.25, 0.75, 0.96875, 1];
  expect(alphas.map((alpha) => gradientShare(alpha, 1))).toEqual([1, 0.75, 0.25, 0.03125, 0]);
  expect(alphas.map((alpha) => gradientShare(alpha, 8))).toEqual([1, 1, 1, 0.25, 0]);
});

test('the learning rate warms up linearly and falls along its schedule', () => {
  const at = (step: number, schedule: 'cosine' | 'linear' | 'constant' = 'cosine'): number =>
    learningRateAt(step, 100, { schedule, peak: 2, warmup: 0.1 });
  expect(at(0)).toBeCloseTo(0.2, 12);
  expect(at(9)).toBeCloseTo(2, 12);
  expect(at(10)).toBeCloseTo(2, 12);
  expect(at(55)).toBeCloseTo(1, 12);
  expect(at(100)).toBeCloseTo(0, 12);
  expect(at(32.5)).toBeCloseTo(1 + Math.SQRT1_2, 12);
  expect([at(32.5, 'linear'), at(32.5, 'constant')]).toEqual([1.5, 2]);
});
