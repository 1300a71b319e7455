/** What max and average pooling share: shapes and the float loop over valid taps. */
import type { FloatTensor, Shape, Tensor } from '../../base/tensor.ts';
import type { Node, Value } from '../../graph/graph.ts';
import { clampOf, inputShapeOfRank, integersOf } from './attributes.ts';
import { clampReal, numbersOf } from './float-data.ts';
import { asRank4, forPositions, forTaps, likeRank, type Window, windowOf } from './window.ts';

export function poolWindow(node: Node, inputShape: Shape): Window {
  return windowOf(node, inputShape, integersOf(node, 'kernel', 1, 2) as readonly [number, number]);
}

export function inferPoolShape(node: Node, inputs: readonly Value[], constants: ReadonlyMap<string, Tensor>): Shape[] {
  const input = inputShapeOfRank(node, 0, inputs, constants, 3, 4);
  return [likeRank(input, input[1], poolWindow(node, input).output)];
}

/** `reduce` gets the valid taps of one output, row by row. */
export function runFloatPool(
  node: Node,
  inputs: readonly (Tensor | undefined)[],
  reduce: (taps: readonly number[], window: Window) => number,
): FloatTensor[] {
  const input = numbersOf(inputs[0]);
  const inputShape = inputs[0]!.shape;
  const window = poolWindow(node, inputShape);
  const [batch, channels] = asRank4(inputShape);
  const data = new Float32Array(batch * channels * window.output[0] * window.output[1]);
  const clamp = clampOf(node);
  let target = 0;
  for (let plane = 0; plane < batch * channels; plane++) {
    const first = plane * window.input[0] * window.input[1];
    forPositions(window, (outY, outX) => {
      const taps: number[] = [];
      forTaps(window, outY, outX, (inY, inX) => taps.push(input[first + inY * window.input[1] + inX]));
      data[target++] = clampReal(reduce(taps, window), clamp);
    });
  }
  return [{ dtype: 'float32', shape: likeRank(inputShape, channels, window.output), data }];
}
