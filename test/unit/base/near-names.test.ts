/** Near names, on names as exporters write them. */
import { expect, test } from 'vitest';
import { nearNames } from '../../../src/base/near-names.ts';

const names = ['/conv1/Conv', '/layer1/layer1.0/conv1/Conv', '/layer1/layer1.0/conv2/Conv', '/linear/Gemm', 'x'];

test('a slip of the pen, another case and another way of writing a path are near', () => {
  expect(nearNames('/linear/Gem', names, 1)).toEqual(['/linear/Gemm']);
  expect(nearNames('LINEAR', names, 1)).toEqual(['/linear/Gemm']);
  expect(nearNames('layer1.0.conv2', names, 1)).toEqual(['/layer1/layer1.0/conv2/Conv']);
});

test('stars count for nothing, and what shares nothing is not named', () => {
  expect(nearNames('*conv1*', names, 2)).toEqual(['/conv1/Conv', '/layer1/layer1.0/conv1/Conv']);
  expect(nearNames('*', names)).toEqual([]);
  expect(nearNames('qqqq', names)).toEqual([]);
});

test('each name once, no more than asked for', () => {
  expect(nearNames('ab', ['ab1', 'ab1', 'ab2', 'ab3'], 2)).toEqual(['ab1', 'ab2']);
});
