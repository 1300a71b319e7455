/** CMSIS-NN under TensorFlow Lite Micro on Arm Cortex-M: double rounding, per-channel int8 and int4 weights. */
import type { NumericProfile } from '../profile.ts';

export const profile: NumericProfile = {
  id: 'cmsis-nn',
  code: 1,
  version: 1,
  title: 'CMSIS-NN (TensorFlow Lite Micro, Cortex-M)',
  evidence: [
    { kind: 'oracle-run', source: 'arm_nn_requantize of CMSIS-NN 99f736a6 on x86, and its unit-test data' },
    { kind: 'source-read', source: 'TensorFlow Lite Micro 90b983c2, micro/kernels/*_common.cc for the scale products' },
  ],
  requantize: 'double',
  scaleProduct: {
    conv: 'f64',
    fullyConnected: 'f32-product-then-f64',
    fullyConnectedPerChannel: 'f64',
    mul: 'f64',
    sub: 'f32',
    requantize: 'f64',
  },
  accumulator: { bits: 32, overflow: 'wrap' },
  activation: { bits: [8, 4, 3, 2], zeroPoint: 'any', scale: 'any', native: 'int8' },
  weight: { bits: [8, 4, 3, 2], perChannel: true, range: 'full', scale: 'any' },
  bias: { bits: 32 },
  quantizeInput: 'half-away',
  clampBound: 'half-away',
  add: 'left-shift',
  mul: 'multiplier',
  averagePool: 'integer-half-away',
  globalAveragePool: 'mean',
  softmax: 'fixed-point',
  table: 'fixed-point',
};
