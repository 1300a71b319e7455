/** Time by phase, on a clock that the test turns. */
import { expect, test } from 'vitest';
import { createPhaseClock } from '../../../src/search/phase-clock.ts';

test('phases add up, one that comes again adds to its first time, and the last one counts up to the question', () => {
  let now = 1000;
  let simulated = 0;
  const clock = createPhaseClock(
    () => simulated,
    () => now,
  );
  const pass = (seconds: number, simulating: number): void => {
    now += 1000 * seconds;
    simulated += simulating;
  };
  pass(5, 1);
  clock.enter('start');
  pass(2, 0.5);
  clock.enter('joint');
  pass(3, 2);
  clock.enter('start');
  pass(4, 1);
  const expected = [
    { phase: 'start', seconds: 6, simulateSeconds: 1.5 },
    { phase: 'joint', seconds: 3, simulateSeconds: 2 },
  ];
  expect(clock.times()).toEqual(expected);
  expect(clock.times()).toEqual(expected);
});
