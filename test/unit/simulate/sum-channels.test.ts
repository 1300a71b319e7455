/** Channel sums of codes against BigInt, where 32 bits would not do and where positions are dealt in parts. */
import { expect, test } from 'vitest';
import type { CodeArray } from '../../../src/simulate/engine.ts';
import { addChannels } from '../../../src/simulate/sum-channels.ts';

function sumsOf(codes: CodeArray, channels: number): number[] {
  const sums = new Array<bigint>(channels).fill(0n);
  codes.forEach((code, at) => {
    sums[at % channels]! += BigInt(code);
  });
  return sums.map(Number);
}

test.each([
  ['int8', Int8Array.from({ length: 300 }, (_, at) => (at * 37) % 251)],
  ['int16 beyond 32 bits of sum', Int16Array.from({ length: 3 * 70_000 }, (_, at) => -32768 + (at % 2))],
  ['int32', Int32Array.from({ length: 30 }, (_, at) => 2 ** 31 - 1 - at)],
])('of %s', (_, codes) => {
  const sums = new Float64Array(3);
  addChannels(sums, codes);
  addChannels(sums, codes);
  expect([...sums]).toEqual(sumsOf(codes, 3).map((sum) => 2 * sum));
});
