/** LiteRT's optimized desktop and phone kernels (ruy): single rounding, float32 scale product in mul, float tables. */
import type { NumericProfile } from '../profile.ts';

export const profile: NumericProfile = {
  id: 'tflite-single',
  code: 3,
  version: 1,
  title: 'LiteRT with ruy (single rounding)',
  evidence: [
    { kind: 'oracle-run', source: 'CMSIS-NN arm_nn_requantize with CMSIS_NN_USE_SINGLE_ROUNDING on x86' },
    { kind: 'source-read', source: 'LiteRT f6745779: ruy apply_multiplier.cc, tflite/kernels' },
  ],
  requantize: 'single',
  scaleProduct: {
    conv: 'f64',
    fullyConnected: 'f32-product-then-f64',
    fullyConnectedPerChannel: 'f64',
    mul: 'f32',
    sub: 'f64',
    requantize: 'f64',
  },
  accumulator: { bits: 32, overflow: 'wrap' },
  activation: { bits: [8, 4, 3, 2], zeroPoint: 'any', scale: 'any', native: 'int8' },
  weight: { bits: [8, 4, 3, 2], perChannel: true, range: 'narrow', scale: 'any' },
  bias: { bits: 32 },
  quantizeInput: 'half-away',
  clampBound: 'half-away',
  add: 'left-shift',
  mul: 'multiplier',
  averagePool: 'integer-half-away',
  globalAveragePool: 'mean',
  softmax: 'unsupported',
  table: 'float-half-away',
};
