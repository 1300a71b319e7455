/**
 * ONNX Runtime's CPU and WebAssembly kernels for the QOperator format, with add and mul kept as float QDQ groups, the only form of
 * them that has the same bits on every CPU.
 */
import type { NumericProfile } from '../profile.ts';

export const profile: NumericProfile = {
  id: 'onnxruntime',
  code: 4,
  version: 1,
  title: 'ONNX Runtime (QLinear operators, CPU and WebAssembly)',
  evidence: [
    {
      kind: 'oracle-run',
      source: 'onnxruntime 1.30 native (AVX512-VNNI, emulated AVX2 and SSE) and WebAssembly on random operators',
    },
    { kind: 'source-read', source: 'MLAS of ONNX Runtime 1.30' },
  ],
  requantize: 'float32',
  scaleProduct: {
    conv: 'f32',
    fullyConnected: 'f32',
    fullyConnectedPerChannel: 'f32',
    mul: 'f32',
    sub: 'f32',
    requantize: 'f32',
  },
  accumulator: { bits: 32, overflow: 'wrap' },
  activation: { bits: [8, 4, 3, 2], zeroPoint: 'any', scale: 'any', native: 'uint8' },
  weight: { bits: [8, 4, 3, 2], perChannel: true, range: 'full', scale: 'any' },
  bias: { bits: 32 },
  quantizeInput: 'half-even',
  clampBound: 'half-even',
  add: 'float',
  mul: 'float',
  averagePool: 'float',
  globalAveragePool: 'float',
  softmax: 'unsupported',
  table: 'float-half-even',
};
