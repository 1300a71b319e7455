/** TensorFlow Lite Micro's portable reference kernels: the arithmetic of CMSIS-NN, with the narrow weight range of the TFLite specification. */
import type { NumericProfile } from '../profile.ts';

export const profile: NumericProfile = {
  id: 'tflm-reference',
  code: 2,
  version: 1,
  title: 'TensorFlow Lite Micro reference kernels',
  evidence: [
    {
      kind: 'oracle-run',
      source: 'TFLM 90b983c2 headers compiled on x86: softmax, logistic, tanh, hard-swish; CMSIS-NN test data',
    },
    { kind: 'source-read', source: 'TFLM 90b983c2 kernels/internal/reference' },
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
  weight: { bits: [8, 4, 3, 2], perChannel: true, range: 'narrow', scale: 'any' },
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
