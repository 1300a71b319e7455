/** ONNX ConvTranspose: weights [I, O/groups, H, W] turned around to [O, I/groups, H, W], output_shape and auto_pad resolved to pads. */
import { elementCount, type Shape, type Tensor } from '../../base/tensor.ts';
import { biasInput } from './conv.ts';
import { windowGeometry } from './geometry.ts';
import { type FloatConstant, floatConstant, type ImportContext } from './import-context.ts';
import { invalid, type OnnxNode, unsupported } from './onnx-node.ts';

export function importConvTranspose(node: OnnxNode, context: ImportContext): void {
  const input = context.value(node, node.inputs[0] ?? '').shape;
  const weight = floatConstant(context, node, 1, 'weight');
  const groups = node.attributes.int('group', 1);
  if (
    weight.shape.length !== input.length ||
    weight.shape[0] !== input[1] ||
    groups < 1 ||
    input[1]! % groups !== 0 ||
    elementCount(weight.shape) === 0
  ) {
    invalid(node, 'weight does not fit the input', {
      seen: `weight [${weight.shape.join(',')}], input [${input.join(',')}], ${groups} groups`,
    });
  }
  if (node.attributes.has('output_shape')) unsupported(node, 'output_shape', { next: 'Export with explicit pads.' });
  if (!['NOTSET', 'VALID'].includes(node.attributes.string('auto_pad', 'NOTSET')))
    unsupported(node, 'auto_pad', { next: 'Export with explicit pads.' });
  const rank = input.length - 2;
  const { strides, dilations, pads } = windowGeometry(node, input, weight.shape.slice(2));
  const extra = node.attributes.ints('output_padding') ?? new Array<number>(rank).fill(0);
  if (extra.length !== rank || extra.some((value) => value < 0 || value > 65535))
    invalid(node, 'attribute output_padding', { seen: `[${extra.join(',')}]` });
  const outputPadding = rank === 1 ? [0, extra[0]!] : extra;
  const outputs = weight.shape[1]! * groups;
  const inputs = [
    node.inputs[0]!,
    context.derive(node.inputs[1]!, `turned${groups}`, () => turnWeights(weight, groups)),
    ...biasInput(node, context, outputs),
  ];
  context.emit(node, 'conv-transpose', inputs, node.outputs, {
    strides,
    dilations,
    pads,
    outputPadding,
    groups,
    clamp: null,
  });
}

/** [groups * i, o, ...kernel] to [groups * o, i, ...kernel]; height 1 is put in for 1-D kernels. */
function turnWeights(weight: FloatConstant, groups: number): Tensor {
  const perGroupInputs = weight.shape[0]! / groups;
  const perGroupOutputs = weight.shape[1]!;
  const spatial: Shape = weight.shape.length === 3 ? [1, weight.shape[2]!] : weight.shape.slice(2);
  const kernel = elementCount(spatial);
  const data = new Float32Array(weight.data.length);
  for (let group = 0; group < groups; group++) {
    for (let output = 0; output < perGroupOutputs; output++) {
      for (let input = 0; input < perGroupInputs; input++) {
        const source = ((group * perGroupInputs + input) * perGroupOutputs + output) * kernel;
        const target = ((group * perGroupOutputs + output) * perGroupInputs + input) * kernel;
        data.set(weight.data.subarray(source, source + kernel), target);
      }
    }
  }
  return { dtype: 'float32', shape: [groups * perGroupOutputs, perGroupInputs, ...spatial], data };
}
