/**
 * Mean of each window. TFLite rounds the mean of the codes themselves (half away from zero around code 0, not around the zero point),
 * PULP-NN floors, ONNX Runtime and ESP-DL compute in float32; the `method` parameter says which.
 */
import type { NumericProfile } from '../arithmetic/profile.ts';
import { bitsFromFloat, clampInteger, floatFromBits, roundHalfAway, roundHalfEven } from '../arithmetic/rounding.ts';
import type { Node } from '../graph/graph.ts';
import { i32, type KernelSpec } from '../graph/kernel-spec.ts';
import { clampOf, graphShape } from './common/attributes.ts';
import { inferPoolShape, poolWindow, runFloatPool } from './common/pool.ts';
import { forPositions, forTaps, type Window, windowOfParameters, windowParameters } from './common/window.ts';
import type { IntegerCall, LowerContext, OpDefinition } from './op-definition.ts';

export const averagePoolKernel: KernelSpec = {
  name: 'average-pool',
  opcode: 7,
  parameters: [
    i32('inputHeight', 'Input height.'),
    i32('inputWidth', 'Input width.'),
    i32('channels', 'Channels of input and output.'),
    i32('outputHeight', 'Output height.'),
    i32('outputWidth', 'Output width.'),
    i32('kernelHeight', 'Kernel height.'),
    i32('kernelWidth', 'Kernel width.'),
    i32('strideHeight', 'Stride height.'),
    i32('strideWidth', 'Stride width.'),
    i32('dilationHeight', 'Dilation height.'),
    i32('dilationWidth', 'Dilation width.'),
    i32('padTop', 'Pad top.'),
    i32('padLeft', 'Pad left.'),
    i32('countIncludePad', '1: the divisor is the whole kernel; 0: the valid taps.'),
    i32(
      'method',
      '0: integer half away in the code domain (TFLite); 1: integer floor; 2: float32 (ONNX Runtime, uint8); 3, 4: the sum scaled in float32, half even or half up (ESP-DL).',
    ),
    i32('inputZeroPoint', 'Zero point of the input.'),
    i32('outputZeroPoint', 'Zero point of the output.'),
    i32('inputMultiplier', 'float32 method: bit pattern of the input scale.'),
    i32('outputMultiplier', 'float32 method: bit pattern of the output scale.'),
    i32('clampMin', 'Lowest output code.'),
    i32('clampMax', 'Highest output code.'),
  ],
};

/** The word `method`: how the profile divides, and for sums scaled in float how it rounds. */
function methodOf({ averagePool, quantizeInput }: NumericProfile): number {
  switch (averagePool) {
    case 'integer-half-away':
      return 0;
    case 'integer-floor':
      return 1;
    case 'float':
      return 2;
    case 'float-sum':
      return quantizeInput === 'half-up' ? 4 : 3;
  }
}

const isFloat = ({ averagePool }: NumericProfile): boolean => averagePool === 'float' || averagePool === 'float-sum';

export const op: OpDefinition = {
  name: 'average-pool',
  kernel: averagePoolKernel,
  scaleTie: (_, profile) => (isFloat(profile) ? 'free' : 'shared'),
  inferShapes: inferPoolShape,
  runFloat: (node, inputs) =>
    runFloatPool(node, inputs, (taps, window) => {
      const sum = taps.reduce((total, tap) => total + tap, 0);
      const count = node.attributes.countIncludePad === true ? window.kernel[0] * window.kernel[1] : taps.length;
      return count === 0 ? 0 : sum / count;
    }),
  macs: () => 0,
  lower: (node, context) => {
    const window = poolWindow(node, graphShape(context.graph, node.inputs[0]));
    emitAveragePool(node, context, window, node.attributes.countIncludePad === true);
  },
  runInteger,
};

/** Also what a global average pool becomes where the runtime has no other form. */
export function emitAveragePool(node: Node, context: LowerContext, window: Window, countIncludePad: boolean): void {
  const input = context.activation(node.inputs[0]);
  const output = context.activation(node.outputs[0]);
  const float = isFloat(context.profile);
  context.emit({
    kernel: 'average-pool',
    name: node.name,
    rule: context.rule.id,
    inputs: [context.tensor(node.inputs[0]).index],
    output: context.tensor(node.outputs[0]).index,
    parameters: {
      ...windowParameters(window),
      channels: window.channels,
      countIncludePad: countIncludePad ? 1 : 0,
      method: methodOf(context.profile),
      inputZeroPoint: input.zeroPoint,
      outputZeroPoint: output.zeroPoint,
      inputMultiplier: float ? bitsFromFloat(input.scale) : 0,
      outputMultiplier: float ? bitsFromFloat(output.scale) : 0,
      ...context.clampOf(node.outputs[0], clampOf(node)),
    },
    macs: 0,
  });
}

/** From the codes here to those of ONNX Runtime's uint8. */
const nativeShift = 128;

/** One output code from the valid taps of a channel in row order; `count` is the divisor. */
type Average = (codes: readonly number[], count: number) => number;

function averageOf(parameters: Readonly<Record<string, number>>): Average {
  const { method, inputZeroPoint, outputZeroPoint, clampMin, clampMax } = parameters;
  if (method === 0) {
    // Padding that counts contributes the zero point, in the domain of codes.
    return (codes, count) => {
      const sum = codes.reduce((total, code) => total + code, inputZeroPoint * (count - codes.length));
      return clampInteger(roundHalfAway(sum / count), clampMin, clampMax);
    };
  }
  if (method === 1) {
    return (codes, count) => {
      const sum = codes.reduce((total, code) => total + code - inputZeroPoint, 0);
      return clampInteger(Math.floor(sum / count) + outputZeroPoint, clampMin, clampMax);
    };
  }
  const inputScale = floatFromBits(parameters.inputMultiplier);
  const outputScale = floatFromBits(parameters.outputMultiplier);
  if (method >= 3) {
    // ESP-DL: no zero points, one scale for the whole sum; ties to even on the P4, up elsewhere.
    const round = method === 3 ? roundHalfEven : (value: number) => Math.floor(Math.fround(value + 0.5));
    return (codes, count) => {
      const sum = codes.reduce((total, code) => total + code - inputZeroPoint, 0);
      const scale = Math.fround(inputScale / Math.fround(outputScale * count));
      const value = Math.fround(Math.fround(sum) * scale);
      const [low, high] = [clampMin - outputZeroPoint, clampMax - outputZeroPoint];
      return clampInteger(round(clampInteger(value, low, high)), low, high) + outputZeroPoint;
    };
  }
  return (codes, count) => {
    let sum = 0;
    for (const code of codes) sum = Math.fround(sum + Math.fround((code - inputZeroPoint) * inputScale));
    const mean = Math.fround(sum / count);
    // The sum is rounded to float32 where ONNX Runtime's codes are, in uint8: what lies just beside a tie may become one there.
    const value = Math.fround(Math.fround(mean / outputScale) + (outputZeroPoint + nativeShift));
    const [low, high] = [clampMin + nativeShift, clampMax + nativeShift];
    return clampInteger(roundHalfEven(clampInteger(value, low, high)), low, high) - nativeShift;
  };
}

/** A window without a valid tap averages to the zero point. */
function runInteger(call: IntegerCall): void {
  const { channels, countIncludePad, inputZeroPoint, clampMin, clampMax } = call.parameters;
  const window = windowOfParameters(call.parameters, channels);
  const average = averageOf(call.parameters);
  const area = window.kernel[0] * window.kernel[1];
  const [input] = call.inputs;
  let target = 0;
  forPositions(window, (outY, outX) => {
    for (let channel = 0; channel < channels; channel++) {
      const codes: number[] = [];
      forTaps(window, outY, outX, (inY, inX) => codes.push(input[(inY * window.input[1] + inX) * channels + channel]));
      const count = countIncludePad === 1 ? area : codes.length;
      call.output[target++] = count === 0 ? clampInteger(inputZeroPoint, clampMin, clampMax) : average(codes, count);
    }
  });
}
