/**
 * ESP-DL on the ESP32-S3: power-of-two scales, ties up, and a 20-bit accumulator that saturates at every multiply. Lowering proves that no
 * partial sum can reach the limit, so the order of the multiplies does not matter; what it cannot prove is refused.
 */
import type { NumericProfile } from '../profile.ts';

export const profile: NumericProfile = {
  id: 'esp-dl-s3',
  code: 5,
  version: 1,
  title: 'ESP-DL on ESP32-S3',
  evidence: [
    { kind: 'source-read', source: 'esp-dl 12c0616d (vector assembly), esp-ppq de6381b0 (_PLATFORM_CONFIGS)' },
  ],
  requantize: 'shift-half-up',
  scaleProduct: {
    conv: 'f64',
    fullyConnected: 'f64',
    fullyConnectedPerChannel: 'f64',
    mul: 'f64',
    sub: 'f64',
    requantize: 'f64',
  },
  accumulator: { bits: 20, overflow: 'saturate' },
  activation: { bits: [8], zeroPoint: 'none', scale: 'power-of-two', native: 'int8' },
  weight: { bits: [8, 4], perChannel: false, range: 'full', scale: 'power-of-two' },
  bias: { bits: 20 },
  quantizeInput: 'half-up',
  clampBound: 'half-up',
  add: 'power-of-two',
  mul: 'power-of-two',
  averagePool: 'float-sum',
  globalAveragePool: 'as-average-pool',
  softmax: 'unsupported',
  table: 'float-half-up',
};
