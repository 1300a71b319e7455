import { expect, test } from 'vitest';
import { getRule } from '../../../src/arithmetic/registry.ts';
import { bitsFromFloat } from '../../../src/arithmetic/rounding.ts';
import { op } from '../../../src/ops/average-pool.ts';

/** Averages of two codes on one scale: exact halves, where ESP-DL rounds to even on the P4 and up elsewhere (esp-ppq, tests of rounding). */
test.each([
  { pair: [0, 1], even: 0, up: 1 },
  { pair: [1, 2], even: 2, up: 2 },
  { pair: [-1, 0], even: 0, up: 0 },
  { pair: [-2, -1], even: -2, up: -1 },
  { pair: [-4, -3], even: -4, up: -3 },
  { pair: [127, 126], even: 126, up: 127 },
])('the mean of $pair is $even on the P4 and $up on the S3', ({ pair, even, up }) => {
  const window = { inputHeight: 1, inputWidth: 2, outputHeight: 1, outputWidth: 1, kernelHeight: 1, kernelWidth: 2 };
  const steps = { strideHeight: 1, strideWidth: 1, dilationHeight: 1, dilationWidth: 1, padTop: 0, padLeft: 0 };
  const scale = bitsFromFloat(0.125);
  const mean = (method: number): number => {
    const parameters = {
      ...window,
      ...steps,
      channels: 1,
      countIncludePad: 0,
      method,
      inputZeroPoint: 0,
      outputZeroPoint: 0,
      inputMultiplier: scale,
      outputMultiplier: scale,
      clampMin: -128,
      clampMax: 127,
    };
    const output = new Int8Array(1);
    op.runInteger!({
      operation: {
        kernel: 'average-pool',
        name: 'pool',
        rule: 'shift-half-even',
        inputs: [0],
        output: 1,
        parameters,
        macs: 0,
      },
      parameters,
      rule: getRule('shift-half-even'),
      inputs: [Int8Array.from(pair)],
      output,
      constant: () => undefined,
    });
    return output[0];
  };
  expect([mean(3), mean(4)]).toEqual([even, up]);
});
