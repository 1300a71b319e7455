/** Largest valid tap of each window; padding never wins. Input and output share one scale. */
import { i32, type KernelSpec } from '../graph/kernel-spec.ts';
import { clampOf, graphShape } from './common/attributes.ts';
import { inferPoolShape, poolWindow, runFloatPool } from './common/pool.ts';
import { forPositions, forTaps, windowOfParameters, windowParameters } from './common/window.ts';
import type { IntegerCall, OpDefinition } from './op-definition.ts';

export const maxPoolKernel: KernelSpec = {
  name: 'max-pool',
  opcode: 6,
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
    i32('clampMin', 'Lowest output code.'),
    i32('clampMax', 'Highest output code.'),
  ],
};

export const op: OpDefinition = {
  name: 'max-pool',
  kernel: maxPoolKernel,
  scaleTie: 'shared',
  inferShapes: inferPoolShape,
  runFloat: (node, inputs) =>
    runFloatPool(node, inputs, (taps) => taps.reduce((most, tap) => Math.max(most, tap), Number.NEGATIVE_INFINITY)),
  macs: () => 0,
  lower: (node, context) => {
    const window = poolWindow(node, graphShape(context.graph, node.inputs[0]));
    context.emit({
      kernel: 'max-pool',
      name: node.name,
      rule: context.rule.id,
      inputs: [context.tensor(node.inputs[0]).index],
      output: context.tensor(node.outputs[0]).index,
      parameters: {
        ...windowParameters(window),
        channels: window.channels,
        ...context.clampOf(node.outputs[0], clampOf(node)),
      },
      macs: 0,
    });
  },
  runInteger,
};

/** A window without a valid tap gives `clampMin`. */
function runInteger(call: IntegerCall): void {
  const { channels, clampMin, clampMax } = call.parameters;
  const window = windowOfParameters(call.parameters, channels);
  const [input] = call.inputs;
  let target = 0;
  forPositions(window, (outY, outX) => {
    for (let channel = 0; channel < channels; channel++) {
      let largest = clampMin;
      forTaps(window, outY, outX, (inY, inX) => {
        largest = Math.max(largest, input[(inY * window.input[1] + inX) * channels + channel]);
      });
      call.output[target++] = Math.min(largest, clampMax);
    }
  });
}
