/**
 * Depthwise convolution: each input channel has its own filters, `multiplier` of them. A kernel of its own because every runtime has
 * one. ONNX writes it as Conv with groups = channels.
 */
import type { FloatTensor, Shape, Tensor } from '../base/tensor.ts';
import type { Node, Value } from '../graph/graph.ts';
import { constant, i32, type KernelSpec } from '../graph/kernel-spec.ts';
import { graphShape, inputShapeOfRank, invalid } from './common/attributes.ts';
import { channelRequantizer, lowerWeighted, weightedBound } from './common/weighted.ts';
import {
  asRank4,
  forPositions,
  forTaps,
  likeRank,
  windowOf,
  windowOfParameters,
  windowParameters,
} from './common/window.ts';
import { op as conv } from './conv.ts';
import type { IntegerCall, LowerContext, OpDefinition } from './op-definition.ts';

export const depthwiseConvKernel: KernelSpec = {
  name: 'depthwise-conv',
  opcode: 2,
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
    i32('channelMultiplier', 'outputChannels / inputChannels; output channel = input channel * multiplier + k.'),
    i32('weightBits', '8, 4 or 2: how `weights` is packed (3-bit codes travel as 4).'),
    i32('inputZeroPoint', 'Zero point of the input.'),
    i32('outputZeroPoint', 'Zero point of the output.'),
    i32('clampMin', 'Lowest output code.'),
    i32('clampMax', 'Highest output code.'),
    i32('channelStep', '1: multiplier and shift per output channel; 0: one for all.'),
    constant('weights', 'Packed HWO codes [kernelHeight][kernelWidth][outputChannels].'),
    constant('bias', 'int32 per output channel (int64 where the activations are int16); none: zeros.'),
    constant('multiplier', 'int32 per channel or one; meaning by rule.'),
    constant('shift', 'int32 per channel or one; positive is left.'),
  ],
};

export const op: OpDefinition = {
  name: 'depthwise-conv',
  kernel: depthwiseConvKernel,
  scaleTie: 'free',
  inferShapes,
  runFloat,
  macs: (node, graph) => {
    const [outputChannels, , height, width] = graphShape(graph, node.inputs[1]);
    const [, , outputHeight, outputWidth] = asRank4(graphShape(graph, node.outputs[0]));
    return outputHeight * outputWidth * outputChannels * height * width;
  },
  lower,
  runInteger,
  scratchBytes: (p) => 16 * p.kernelHeight * p.kernelWidth,
  accumulatorBound: (call, input) =>
    weightedBound(call, input, call.parameters.outputChannels, (index) => index % call.parameters.outputChannels),
};

function inferShapes(node: Node, inputs: readonly Value[], constants: ReadonlyMap<string, Tensor>): Shape[] {
  const input = inputShapeOfRank(node, 0, inputs, constants, 3, 4);
  const [outputs, perGroup, height, width] = inputShapeOfRank(node, 1, inputs, constants, 4);
  if (perGroup !== 1 || outputs % input[1] !== 0) {
    throw invalid(node, {
      message: 'the weights are not depthwise for this input',
      seen: `weights [${outputs},${perGroup},${height},${width}]`,
      allowed: `[${input[1]} * multiplier, 1, height, width]`,
    });
  }
  return [likeRank(input, outputs, windowOf(node, input, [height, width]).output)];
}

/** A grouped convolution with one input channel per group. */
function runFloat(node: Node, inputs: readonly (Tensor | undefined)[]): FloatTensor[] {
  return conv.runFloat({ ...node, attributes: { ...node.attributes, groups: inputs[0]!.shape[1] } }, inputs);
}

function lower(node: Node, context: LowerContext): void {
  const [outputChannels, , height, width] = graphShape(context.graph, node.inputs[1]);
  const window = windowOf(node, graphShape(context.graph, node.inputs[0]), [height, width]);
  context.emit({
    kernel: 'depthwise-conv',
    name: node.name,
    rule: context.rule.id,
    inputs: [context.tensor(node.inputs[0]).index],
    output: context.tensor(node.outputs[0]).index,
    parameters: {
      ...windowParameters(window),
      inputChannels: window.channels,
      outputChannels,
      channelMultiplier: outputChannels / window.channels,
      ...lowerWeighted(node, context, context.profile.scaleProduct.conv, outputChannels, (codes) =>
        outputLast(codes, outputChannels),
      ),
    },
    macs: op.macs(node, context.graph),
  });
}

/** Codes [outputs][taps] as [taps][outputs]. */
function outputLast(codes: Int8Array, outputs: number): Int8Array {
  const taps = codes.length / outputs;
  return Int8Array.from(codes, (_, index) => codes[(index % outputs) * taps + Math.floor(index / outputs)]);
}

function runInteger(call: IntegerCall): void {
  const { inputChannels, outputChannels, channelMultiplier, inputZeroPoint } = call.parameters;
  const window = windowOfParameters(call.parameters, inputChannels);
  const weights = call.constant('weights') as Int8Array;
  const requantize = channelRequantizer(call);
  const [input] = call.inputs;
  let target = 0;
  forPositions(window, (outY, outX) => {
    for (let channel = 0; channel < outputChannels; channel++) {
      const inChannel = Math.floor(channel / channelMultiplier);
      let accumulator = 0;
      forTaps(window, outY, outX, (inY, inX, kernelY, kernelX) => {
        const code = input[(inY * window.input[1] + inX) * inputChannels + inChannel];
        accumulator +=
          (code - inputZeroPoint) * weights[(kernelY * window.kernel[1] + kernelX) * outputChannels + channel];
      });
      call.output[target++] = requantize(accumulator, channel);
    }
  });
}
