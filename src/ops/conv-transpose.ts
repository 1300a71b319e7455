/** Transposed convolution: each input element adds its weighted kernel to the output. Weights are OIHW as everywhere in the graph. */
import type { FloatTensor, Shape, Tensor } from '../base/tensor.ts';
import type { Node, Value } from '../graph/graph.ts';
import { constant, i32, type KernelSpec } from '../graph/kernel-spec.ts';
import { clampOf, graphShape, inputShapeOfRank, integerOf, integersOf, invalid } from './common/attributes.ts';
import { clampReal, numbersOf } from './common/float-data.ts';
import { channelRequantizer, lowerWeighted, weightedBound } from './common/weighted.ts';
import { asRank4, forPositions, likeRank, type Window, windowOfParameters, windowParameters } from './common/window.ts';
import { channelsLast } from './conv.ts';
import type { IntegerCall, LowerContext, OpDefinition } from './op-definition.ts';

export const convTransposeKernel: KernelSpec = {
  name: 'conv-transpose',
  opcode: 19,
  parameters: [
    i32('inputHeight', 'Rows of the input; 1..65535.'),
    i32('inputWidth', 'Columns of the input.'),
    i32('inputChannels', 'Channels of the input.'),
    i32('outputHeight', 'Rows of the output.'),
    i32('outputWidth', 'Columns of the output.'),
    i32('outputChannels', 'Channels of the output.'),
    i32('kernelHeight', 'Rows of the kernel.'),
    i32('kernelWidth', 'Columns of the kernel.'),
    i32('strideHeight', 'At least 1.'),
    i32('strideWidth', 'At least 1.'),
    i32('dilationHeight', 'At least 1.'),
    i32('dilationWidth', 'At least 1.'),
    i32('padTop', 'Rows of padding above; the padding is the input zero point.'),
    i32('padLeft', 'Columns of padding on the left.'),
    i32('groups', 'Input and output channels both divide by it.'),
    i32('weightBits', '8, 4 or 2: how `weights` is packed (3-bit codes travel as 4).'),
    i32('inputZeroPoint', 'Zero point of the input.'),
    i32('outputZeroPoint', 'Zero point of the output.'),
    i32('clampMin', 'Lowest output code.'),
    i32('clampMax', 'Highest output code.'),
    i32('channelStep', '1: multiplier and shift per output channel; 0: one for all.'),
    constant('weights', 'Packed OHWI codes [outputChannels][kernelHeight][kernelWidth][inputChannels / groups].'),
    constant('bias', 'int32 per output channel (int64 where the activations are int16); none: zeros.'),
    constant('multiplier', 'int32 per channel or one; meaning by rule.'),
    constant('shift', 'int32 per channel or one; positive is left.'),
  ],
};

export const op: OpDefinition = {
  name: 'conv-transpose',
  kernel: convTransposeKernel,
  scaleTie: 'free',
  inferShapes,
  runFloat,
  macs: (node, graph) => {
    const [outputChannels, perGroup, ...kernel] = graphShape(graph, node.inputs[1]);
    const [, , height, width] = asRank4(graphShape(graph, node.inputs[0]));
    return height * width * outputChannels * perGroup * kernel[0] * kernel[1];
  },
  lower,
  runInteger,
  scratchBytes: (p) => p.kernelHeight * p.kernelWidth * (p.inputChannels / p.groups),
  accumulatorBound: (call, input) => {
    const { outputChannels, kernelHeight, kernelWidth, inputChannels, groups } = call.parameters;
    const taps = (kernelHeight * kernelWidth * inputChannels) / groups;
    return weightedBound(call, input, outputChannels, (index) => Math.floor(index / taps));
  },
};

/** ONNX ConvTranspose: (input - 1) * stride + reach + outputPadding - pads. Here `kernel` slides over the output. */
function transposedWindow(node: Node, input: Shape, kernel: readonly [number, number]): Window {
  const [, channels, height, width] = asRank4(input);
  const strides = integersOf(node, 'strides', 1, 2) as readonly [number, number];
  const dilations = integersOf(node, 'dilations', 1, 2) as readonly [number, number];
  const pads = integersOf(node, 'pads', 0, 4);
  const extra = integersOf(node, 'outputPadding', 0, 2);
  const size = (axis: 0 | 1, length: number): number =>
    (length - 1) * strides[axis] + dilations[axis] * (kernel[axis] - 1) + 1 + extra[axis] - pads[axis] - pads[axis + 2];
  const output = [size(0, height), size(1, width)] as const;
  if (output[0] < 1 || output[1] < 1) {
    throw invalid(node, { message: 'the padding leaves no output', seen: `pads [${pads.join(',')}]` });
  }
  return { channels, input: [height, width], output, kernel, strides, dilations, padTop: pads[0], padLeft: pads[1] };
}

/** Calls `visit` for every input element that reaches an output position. */
function forSources(
  { input, kernel, strides, dilations, padTop, padLeft }: Window,
  outY: number,
  outX: number,
  visit: (inY: number, inX: number, kernelY: number, kernelX: number) => void,
): void {
  const source = (position: number, axis: 0 | 1): number =>
    position >= 0 && position % strides[axis] === 0 && position / strides[axis] < input[axis]
      ? position / strides[axis]
      : -1;
  for (let kernelY = 0; kernelY < kernel[0]; kernelY++) {
    const inY = source(outY + padTop - kernelY * dilations[0], 0);
    if (inY < 0) continue;
    for (let kernelX = 0; kernelX < kernel[1]; kernelX++) {
      const inX = source(outX + padLeft - kernelX * dilations[1], 1);
      if (inX >= 0) visit(inY, inX, kernelY, kernelX);
    }
  }
}

function inferShapes(node: Node, inputs: readonly Value[], constants: ReadonlyMap<string, Tensor>): Shape[] {
  const input = inputShapeOfRank(node, 0, inputs, constants, 3, 4);
  const [outputs, perGroup, height, width] = inputShapeOfRank(node, 1, inputs, constants, 4);
  const groups = integerOf(node, 'groups', 1);
  if (input[1] !== perGroup * groups || outputs % groups !== 0) {
    throw invalid(node, {
      message: 'the weights do not fit the input channels and groups',
      seen: `weights [${outputs},${perGroup},${height},${width}], groups ${groups}`,
      allowed: `${input[1]} input channels`,
    });
  }
  return [likeRank(input, outputs, transposedWindow(node, input, [height, width]).output)];
}

function runFloat(node: Node, inputs: readonly (Tensor | undefined)[]): FloatTensor[] {
  const [x, weight, bias] = inputs;
  const [input, codes] = [numbersOf(x), numbersOf(weight)];
  const [outputChannels, perGroup, ...kernel] = weight!.shape;
  const window = transposedWindow(node, x!.shape, [kernel[0], kernel[1]]);
  const perOutputGroup = outputChannels / integerOf(node, 'groups', 1);
  const [batch, channels] = asRank4(x!.shape);
  const data = new Float32Array(batch * outputChannels * window.output[0] * window.output[1]);
  const clamp = clampOf(node);
  let target = 0;
  for (let sample = 0; sample < batch; sample++) {
    for (let channel = 0; channel < outputChannels; channel++) {
      const firstInput = sample * channels + Math.floor(channel / perOutputGroup) * perGroup;
      forPositions(window, (outY, outX) => {
        let sum = bias === undefined ? 0 : Number(bias.data[channel]);
        forSources(window, outY, outX, (inY, inX, kernelY, kernelX) => {
          for (let inner = 0; inner < perGroup; inner++) {
            const at = ((firstInput + inner) * window.input[0] + inY) * window.input[1] + inX;
            sum += input[at] * codes[((channel * perGroup + inner) * kernel[0] + kernelY) * kernel[1] + kernelX];
          }
        });
        data[target++] = clampReal(sum, clamp);
      });
    }
  }
  return [{ dtype: 'float32', shape: likeRank(x!.shape, outputChannels, window.output), data }];
}

function lower(node: Node, context: LowerContext): void {
  const [outputChannels, perGroup, height, width] = graphShape(context.graph, node.inputs[1]);
  const window = transposedWindow(node, graphShape(context.graph, node.inputs[0]), [height, width]);
  context.emit({
    kernel: 'conv-transpose',
    name: node.name,
    rule: context.rule.id,
    inputs: [context.tensor(node.inputs[0]).index],
    output: context.tensor(node.outputs[0]).index,
    parameters: {
      ...windowParameters(window),
      inputChannels: window.channels,
      outputChannels,
      groups: integerOf(node, 'groups', 1),
      ...lowerWeighted(node, context, context.profile.scaleProduct.conv, outputChannels, (codes) =>
        channelsLast(codes, outputChannels, perGroup, height * width),
      ),
    },
    macs: op.macs(node, context.graph),
  });
}

function runInteger(call: IntegerCall): void {
  const { inputChannels, outputChannels, groups, inputZeroPoint } = call.parameters;
  const window = windowOfParameters(call.parameters, inputChannels);
  const weights = call.constant('weights') as Int8Array;
  const requantize = channelRequantizer(call);
  const [input] = call.inputs;
  const perGroup = inputChannels / groups;
  const perOutputGroup = outputChannels / groups;
  let target = 0;
  forPositions(window, (outY, outX) => {
    for (let channel = 0; channel < outputChannels; channel++) {
      const firstInput = Math.floor(channel / perOutputGroup) * perGroup;
      let accumulator = 0;
      forSources(window, outY, outX, (inY, inX, kernelY, kernelX) => {
        const at = (inY * window.input[1] + inX) * inputChannels + firstInput;
        const weightAt = ((channel * window.kernel[0] + kernelY) * window.kernel[1] + kernelX) * perGroup;
        for (let inner = 0; inner < perGroup; inner++) {
          accumulator += (input[at + inner] - inputZeroPoint) * weights[weightAt + inner];
        }
      });
      call.output[target++] = requantize(accumulator, channel);
    }
  });
}
