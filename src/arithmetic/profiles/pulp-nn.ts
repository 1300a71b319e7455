/** PULP-NN and DORY on PULP clusters (GAP8, GAP9): unsigned activations, multiply and shift, floor everywhere. */
import type { NumericProfile } from '../profile.ts';

export const profile: NumericProfile = {
  id: 'pulp-nn',
  code: 7,
  version: 1,
  title: 'PULP-NN / DORY (GAP8, GAP9)',
  evidence: [{ kind: 'source-read', source: 'pulp-nn 288d06b7, pulp-nn-mixed b69ec23e, dory be3d6dda, nemo 5ea3338a' }],
  requantize: 'multiply-shift-floor',
  scaleProduct: {
    conv: 'f64',
    fullyConnected: 'f64',
    fullyConnectedPerChannel: 'f64',
    mul: 'f64',
    sub: 'f64',
    requantize: 'f64',
  },
  accumulator: { bits: 32, overflow: 'wrap' },
  activation: { bits: [8, 4, 2], zeroPoint: 'unsigned', scale: 'any', native: 'uint8' },
  weight: { bits: [8, 4, 2], perChannel: true, range: 'full', scale: 'any' },
  bias: { bits: 32 },
  quantizeInput: 'half-away',
  clampBound: 'half-away',
  add: 'multiply-shift',
  mul: 'unsupported',
  averagePool: 'integer-floor',
  globalAveragePool: 'as-average-pool',
  softmax: 'unsupported',
  table: 'float-half-away',
};
