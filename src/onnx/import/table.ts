/** Which importer takes which ONNX operator. A new operator is one function in a file of this folder and one line here. */
import * as activation from './activation.ts';
import { importArgMax } from './arg-max.ts';
import { importBatchNormalization } from './batch-normalization.ts';
import { importConv } from './conv.ts';
import { importConvTranspose } from './conv-transpose.ts';
import * as elementwise from './elementwise.ts';
import { importGather } from './gather.ts';
import { importGemm, importMatMul } from './gemm.ts';
import { importCast, importDropout, importIdentity } from './identity.ts';
import type { ImportContext } from './import-context.ts';
import * as layout from './layout.ts';
import type { OnnxNode } from './onnx-node.ts';
import * as pool from './pool.ts';
import { importReduceMean } from './reduce-mean.ts';
import { importReshape } from './reshape.ts';
import { importResize } from './resize.ts';
import { importSoftmax } from './softmax.ts';

export type NodeImporter = (node: OnnxNode, context: ImportContext) => void;

export const nodeImporters: Readonly<Record<string, NodeImporter>> = {
  Abs: activation.importUnary,
  Add: elementwise.importAdd,
  ArgMax: importArgMax,
  AveragePool: pool.importAveragePool,
  BatchNormalization: importBatchNormalization,
  Cast: importCast,
  Clip: activation.importClip,
  Concat: layout.importConcat,
  Conv: importConv,
  ConvTranspose: importConvTranspose,
  DepthToSpace: layout.importDepthSpace,
  Div: elementwise.importDiv,
  Dropout: importDropout,
  Elu: activation.importElu,
  Erf: activation.importUnary,
  Exp: activation.importUnary,
  Flatten: importReshape,
  Gather: importGather,
  Gelu: activation.importGelu,
  Gemm: importGemm,
  GlobalAveragePool: pool.importGlobalAveragePool,
  GlobalMaxPool: pool.importGlobalMaxPool,
  HardSigmoid: activation.importHardSigmoid,
  HardSwish: activation.importUnary,
  Identity: importIdentity,
  LeakyRelu: activation.importLeakyRelu,
  Mish: activation.importUnary,
  MatMul: importMatMul,
  Max: activation.importMinMax,
  MaxPool: pool.importMaxPool,
  Min: activation.importMinMax,
  Mul: elementwise.importMul,
  Neg: activation.importUnary,
  Pad: layout.importPad,
  Pow: elementwise.importPow,
  PRelu: activation.importPrelu,
  ReduceMean: importReduceMean,
  Relu: activation.importRelu,
  Reshape: importReshape,
  Resize: importResize,
  Sigmoid: activation.importUnary,
  Slice: layout.importSlice,
  Softmax: importSoftmax,
  Softplus: activation.importUnary,
  SpaceToDepth: layout.importDepthSpace,
  Split: layout.importSplit,
  Sqrt: activation.importUnary,
  Squeeze: importReshape,
  Sub: elementwise.importSub,
  Sum: elementwise.importSum,
  Tanh: activation.importUnary,
  Transpose: layout.importTranspose,
  Unsqueeze: importReshape,
  Upsample: importResize,
};
