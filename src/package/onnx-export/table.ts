/** Which exporter writes which IR op. */
import { exportChannelAffine } from './channel-affine.ts';
import { exportConvTranspose } from './conv-transpose.ts';
import { exportElementwise, exportMatMul, exportPrelu, exportSoftmax, exportUnary } from './elementwise.ts';
import type { NodeExporter } from './export-context.ts';
import * as movement from './movement.ts';
import { exportAveragePool, exportGlobalAveragePool, exportMaxPool } from './pools.ts';
import { exportConv, exportFullyConnected } from './weighted.ts';

const unaries = [
  'clamp',
  'requantize',
  'code-table',
  'sigmoid',
  'tanh',
  'hard-swish',
  'hard-sigmoid',
  'softplus',
  'mish',
  'erf',
  'gelu',
  'exp',
  'sqrt',
  'abs',
  'neg',
  'leaky-relu',
  'elu',
];

export const nodeExporters: ReadonlyMap<string, NodeExporter> = new Map<string, NodeExporter>([
  ...unaries.map((op): [string, NodeExporter] => [op, exportUnary]),
  ['conv', exportConv],
  ['depthwise-conv', exportConv],
  ['conv-transpose', exportConvTranspose],
  ['fully-connected', exportFullyConnected],
  ['mat-mul', exportMatMul],
  ['batch-normalization', exportChannelAffine],
  ['add', exportElementwise],
  ['sub', exportElementwise],
  ['mul', exportElementwise],
  ['prelu', exportPrelu],
  ['softmax', exportSoftmax],
  ['max-pool', exportMaxPool],
  ['average-pool', exportAveragePool],
  ['global-average-pool', exportGlobalAveragePool],
  ['rescale', movement.exportRescale],
  ['reshape', movement.exportReshape],
  ['transpose', movement.exportTranspose],
  ['concat', movement.exportConcat],
  ['split', movement.exportSplit],
  ['slice', movement.exportSlice],
  ['pad', movement.exportPad],
  ['resize', movement.exportResize],
  ['gather', movement.exportGather],
  ['arg-max', movement.exportArgMax],
]);
