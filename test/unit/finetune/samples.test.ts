/** Splits, orders and variations of training samples. */
import { expect, test } from 'vitest';
import { type Random, seededRandom } from '../../../src/base/random.ts';
import { copyVaried } from '../../../src/finetune/augment.ts';
import { batchOrder, type TrainingSamples } from '../../../src/finetune/samples.ts';

/** Plays back given numbers. */
function fixedRandom(uniform: number, ...integers: number[]): Random {
  const queue = [...integers];
  return { next: () => uniform, integer: () => queue.shift()!, normal: () => 0 };
}

const image = Float32Array.of(1, 2, 3, 4, 5, 6);

test('an image is mirrored and moved, with zeros coming in', () => {
  const copy = (flip: boolean, ...shift: [number, number]): number[] => {
    const target = new Float32Array(8).fill(9);
    copyVaried(image, [1, 2, 3], target, 1, { flip, shift: 1 }, fixedRandom(0, ...shift));
    expect([target[0], target[7]]).toEqual([9, 9]);
    return [...target.subarray(1, 7)];
  };
  expect(copy(false, 0, 0)).toEqual([1, 2, 3, 4, 5, 6]);
  expect(copy(true, 0, 0)).toEqual([3, 2, 1, 6, 5, 4]);
  expect(copy(false, 1, 0)).toEqual([0, 0, 0, 1, 2, 3]);
  expect(copy(false, -1, 0)).toEqual([4, 5, 6, 0, 0, 0]);
  expect(copy(false, 0, 1)).toEqual([0, 1, 2, 0, 4, 5]);
  expect(copy(true, 0, -1)).toEqual([2, 1, 0, 5, 4, 0]);
});

test('every epoch visits each training sample at most once, in an order of its own that depends on the seed only', () => {
  const training = Int32Array.from({ length: 10 }, (_, index) => index + 100);
  const samples: TrainingSamples = { inputs: [], labels: null, training, heldOut: new Int32Array(0) };
  const order = batchOrder(samples, 3, 7);
  const epoch = (number: number): number[] => [0, 1, 2].flatMap((batch) => [...order(number * 3 + batch)]);
  expect(new Set(epoch(0)).size).toBe(9);
  expect(epoch(0).every((sample) => training.includes(sample))).toBe(true);
  expect(epoch(1)).not.toEqual(epoch(0));
  const again = batchOrder(samples, 3, 7);
  expect([...again(4)]).toEqual(epoch(1).slice(3, 6));
  expect([...batchOrder(samples, 3, 8)(0)]).not.toEqual(epoch(0).slice(0, 3));
});

test('random flips are even', () => {
  const random = seededRandom(5);
  let flipped = 0;
  for (let round = 0; round < 1000; round++) {
    const target = new Float32Array(2);
    copyVaried(Float32Array.of(1, 2), [1, 1, 2], target, 0, { flip: true, shift: 0 }, random);
    if (target[0] === 2) flipped++;
  }
  expect(flipped).toBeGreaterThan(430);
  expect(flipped).toBeLessThan(570);
});
