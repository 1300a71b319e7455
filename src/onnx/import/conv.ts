/** ONNX Conv: `conv`, or `depthwise-conv` where every input channel is a group of its own. */
import { elementCount, type Tensor } from '../../base/tensor.ts';
import { windowGeometry } from './geometry.ts';
import { floatConstant, type ImportContext } from './import-context.ts';
import { invalid, type OnnxNode } from './onnx-node.ts';

export function importConv(node: OnnxNode, context: ImportContext): void {
  const input = context.value(node, node.inputs[0] ?? '').shape;
  const weight = floatConstant(context, node, 1, 'weight');
  if (weight.shape.length !== input.length || weight.shape.length < 3) {
    invalid(node, 'weight and input differ in rank', {
      seen: `weight [${weight.shape.join(',')}], input [${input.join(',')}]`,
    });
  }
  const groups = node.attributes.int('group', 1);
  const [outputs, perGroup] = [weight.shape[0]!, weight.shape[1]!];
  if (groups < 1 || perGroup * groups !== input[1] || outputs % groups !== 0 || elementCount(weight.shape) === 0) {
    invalid(node, 'groups do not fit the channels', {
      seen: `${groups} groups, weight [${weight.shape.join(',')}], ${input[1]} input channels`,
    });
  }
  const kernel = weight.shape.slice(2);
  const declared = node.attributes.ints('kernel_shape') ?? kernel;
  if (declared.join() !== kernel.join())
    invalid(node, 'kernel_shape is not that of the weight', {
      seen: `[${declared.join(',')}]`,
      allowed: `[${kernel.join(',')}]`,
    });
  const { strides, dilations, pads } = windowGeometry(node, input, kernel);
  const inputs = [node.inputs[0]!, weightName(node, context, weight), ...biasInput(node, context, outputs)];
  const attributes = { strides, dilations, pads, clamp: null };
  if (groups > 1 && perGroup === 1) context.emit(node, 'depthwise-conv', inputs, node.outputs, attributes);
  else context.emit(node, 'conv', inputs, node.outputs, { ...attributes, groups });
}

/** 1-D kernels become 2-D with height 1. */
function weightName(node: OnnxNode, context: ImportContext, weight: Tensor): string {
  const stored = context.constant(node.inputs[1]!)!;
  if (weight.shape.length === 4 && stored.dtype === 'float32') return node.inputs[1]!;
  const [outputs, inputs] = [weight.shape[0]!, weight.shape[1]!];
  const spatial = weight.shape.length === 3 ? [1, weight.shape[2]!] : weight.shape.slice(2);
  const shape = [outputs, inputs, ...spatial];
  return context.derive(node.inputs[1]!, 'float2d', () => ({ ...weight, shape }));
}

/** The bias input, checked to have one value per output channel; none where the node has none. */
export function biasInput(node: OnnxNode, context: ImportContext, outputs: number): string[] {
  const name = node.inputs[2] ?? '';
  if (name === '') return [];
  const bias = floatConstant(context, node, 2, 'bias');
  if (bias.data.length !== outputs)
    invalid(node, 'bias does not fit the output channels', { seen: bias.data.length, allowed: outputs });
  if (bias.shape.length === 1 && context.constant(name)!.dtype === 'float32') return [name];
  return [context.derive(name, 'row', () => ({ ...bias, shape: [outputs] }))];
}
