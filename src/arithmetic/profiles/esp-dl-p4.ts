/** ESP-DL on the ESP32-P4: power-of-two scales, ties to even, 32-bit accumulators, per-channel weights. */
import type { NumericProfile } from '../profile.ts';

export const profile: NumericProfile = {
  id: 'esp-dl-p4',
  code: 6,
  version: 1,
  title: 'ESP-DL on ESP32-P4',
  evidence: [
    { kind: 'source-read', source: 'esp-dl 12c0616d (vector assembly), esp-ppq de6381b0 (_PLATFORM_CONFIGS)' },
  ],
  requantize: 'shift-half-even',
  scaleProduct: {
    conv: 'f64',
    fullyConnected: 'f64',
    fullyConnectedPerChannel: 'f64',
    mul: 'f64',
    sub: 'f64',
    requantize: 'f64',
  },
  accumulator: { bits: 32, overflow: 'saturate' },
  activation: { bits: [8], zeroPoint: 'none', scale: 'power-of-two', native: 'int8' },
  weight: { bits: [8, 4], perChannel: true, range: 'full', scale: 'power-of-two' },
  bias: { bits: 32 },
  quantizeInput: 'half-even',
  clampBound: 'half-even',
  add: 'power-of-two',
  mul: 'power-of-two',
  averagePool: 'float-sum',
  globalAveragePool: 'as-average-pool',
  softmax: 'unsupported',
  table: 'float-half-even',
};
