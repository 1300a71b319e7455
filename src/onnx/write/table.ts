/** Which ONNX node writes which IR op. */
import type { FusedClamp } from '../../graph/graph.ts';
import type { OnnxAttribute } from '../onnx-builder.ts';
import { writeClip } from './clip.ts';
import * as layout from './layout.ts';
import type { NodeWriter } from './node-writer.ts';
import * as weighted from './weighted.ts';
import { inputShape, ints, windowAttributes } from './weighted.ts';

/** An op that is one ONNX node with the same inputs; attributes are copied as floats or integers. */
function same(opType: string, attributes: Readonly<Record<string, 'int' | 'float'>> = {}): NodeWriter {
  return (node, outputs, { builder }) => {
    const copied = Object.entries(attributes).map(([name, kind]): [string, OnnxAttribute] => {
      const value = Number(node.attributes[name]);
      return [name === 'keepDims' ? 'keepdims' : name, kind === 'int' ? { int: value } : { float: value }];
    });
    builder.node(opType, node.inputs, outputs, { name: node.name, attributes: Object.fromEntries(copied) });
  };
}

function pool(opType: string): NodeWriter {
  return (node, outputs, context) => {
    const rank = inputShape(node, context).length;
    const kernel = ints(node, 'kernel');
    const count =
      opType === 'AveragePool' ? { count_include_pad: { int: node.attributes.countIncludePad === true ? 1 : 0 } } : {};
    const attributes = {
      ...windowAttributes(node, rank),
      kernel_shape: { ints: rank === 3 ? kernel.slice(1) : kernel },
      ...count,
    };
    context.builder.node(opType, node.inputs, outputs, { name: node.name, attributes });
  };
}

const writeClamp: NodeWriter = (node, outputs, { builder }) => {
  writeClip(builder, node.name, node.inputs[0]!, outputs[0]!, node.attributes.clamp as unknown as FusedClamp);
};

export const nodeWriters: Readonly<Record<string, NodeWriter>> = {
  conv: weighted.writeConv,
  'depthwise-conv': weighted.writeConv,
  'conv-transpose': weighted.writeConvTranspose,
  'fully-connected': weighted.writeFullyConnected,
  'mat-mul': same('MatMul'),
  add: same('Add'),
  sub: same('Sub'),
  mul: same('Mul'),
  'max-pool': pool('MaxPool'),
  'average-pool': pool('AveragePool'),
  'global-average-pool': same('GlobalAveragePool'),
  'batch-normalization': weighted.writeBatchNormalization,
  clamp: writeClamp,
  requantize: same('Identity'),
  sigmoid: same('Sigmoid'),
  tanh: same('Tanh'),
  'hard-swish': same('HardSwish'),
  softplus: same('Softplus'),
  mish: same('Mish'),
  erf: same('Erf'),
  gelu: same('Gelu'),
  exp: same('Exp'),
  sqrt: same('Sqrt'),
  abs: same('Abs'),
  neg: same('Neg'),
  'leaky-relu': same('LeakyRelu', { alpha: 'float' }),
  elu: same('Elu', { alpha: 'float' }),
  'hard-sigmoid': same('HardSigmoid', { alpha: 'float', beta: 'float' }),
  prelu: same('PRelu'),
  softmax: same('Softmax', { axis: 'int' }),
  reshape: layout.writeReshape,
  transpose: layout.writeTranspose,
  concat: layout.writeConcat,
  split: layout.writeSplit,
  slice: layout.writeSlice,
  pad: layout.writePad,
  resize: layout.writeResize,
  gather: weighted.writeGather,
  'arg-max': same('ArgMax', { axis: 'int', keepDims: 'int' }),
};
