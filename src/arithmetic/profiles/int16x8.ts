/** TensorFlow Lite's 16-bit activations with 8-bit weights: 64-bit accumulators, a multiplier reduced to 15 bits, zero points 0. */
import type { NumericProfile } from '../profile.ts';

export const profile: NumericProfile = {
  id: 'int16x8',
  code: 8,
  version: 1,
  title: 'TensorFlow Lite int16x8',
  evidence: [
    { kind: 'oracle-run', source: 'arm_nn_requantize_s64 of CMSIS-NN 99f736a6 on x86' },
    { kind: 'source-read', source: 'TFLM 90b983c2 kernels/internal/common.cc' },
  ],
  requantize: 'reduced-16',
  scaleProduct: {
    conv: 'f64',
    fullyConnected: 'f32-product-then-f64',
    fullyConnectedPerChannel: 'f64',
    mul: 'f64',
    sub: 'f32',
    requantize: 'f64',
  },
  accumulator: { bits: 64, overflow: 'wrap' },
  activation: { bits: [16], zeroPoint: 'none', scale: 'any', native: 'int16' },
  weight: { bits: [8, 4], perChannel: true, range: 'narrow', scale: 'any' },
  bias: { bits: 64 },
  quantizeInput: 'half-away',
  clampBound: 'half-away',
  add: 'left-shift',
  mul: 'multiplier',
  averagePool: 'integer-half-away',
  globalAveragePool: 'mean',
  softmax: 'unsupported',
  table: 'float-half-away',
};
