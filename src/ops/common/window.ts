/** Geometry of sliding windows (convolution, pooling): one description that shapes, float references and kernels' parameters share. */
import type { Shape } from '../../base/tensor.ts';
import type { Node } from '../../graph/graph.ts';
import { integersOf, invalid } from './attributes.ts';

/** Sizes are [height, width]; a 1-D value has height 1. */
export interface Window {
  readonly channels: number;
  readonly input: readonly [number, number];
  readonly output: readonly [number, number];
  readonly kernel: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly dilations: readonly [number, number];
  readonly padTop: number;
  readonly padLeft: number;
}

/** [N, C, H, W] of a rank-4 or rank-3 shape. */
export function asRank4(shape: Shape): readonly [number, number, number, number] {
  return shape.length === 3 ? [shape[0], shape[1], 1, shape[2]] : [shape[0], shape[1], shape[2], shape[3]];
}

/** The output shape of the same rank as the input. */
export function likeRank(input: Shape, channels: number, [height, width]: readonly [number, number]): Shape {
  return input.length === 3 ? [input[0], channels, width] : [input[0], channels, height, width];
}

/** The window of a node over an input of rank 3 or 4. Throws MODEL_INVALID where the kernel does not fit. */
export function windowOf(node: Node, inputShape: Shape, kernel: readonly [number, number]): Window {
  const [, channels, height, width] = asRank4(inputShape);
  const strides = integersOf(node, 'strides', 1, 2) as readonly [number, number];
  const dilations = integersOf(node, 'dilations', 1, 2) as readonly [number, number];
  const pads = integersOf(node, 'pads', 0, 4);
  const outputSize = (axis: 0 | 1, size: number): number => {
    const reach = dilations[axis] * (kernel[axis] - 1) + 1;
    return Math.floor((size + pads[axis] + pads[axis + 2] - reach) / strides[axis]) + 1;
  };
  const output = [outputSize(0, height), outputSize(1, width)] as const;
  if (output[0] < 1 || output[1] < 1) {
    throw invalid(node, {
      message: 'the kernel is larger than the padded input',
      seen: `kernel [${kernel.join(',')}]`,
      allowed: `input [${inputShape.join(',')}], pads [${pads.join(',')}]`,
    });
  }
  return { channels, input: [height, width], output, kernel, strides, dilations, padTop: pads[0], padLeft: pads[1] };
}

/** The parameter words that every window kernel begins with, but for its channels. */
export function windowParameters(window: Window) {
  return {
    inputHeight: window.input[0],
    inputWidth: window.input[1],
    outputHeight: window.output[0],
    outputWidth: window.output[1],
    kernelHeight: window.kernel[0],
    kernelWidth: window.kernel[1],
    strideHeight: window.strides[0],
    strideWidth: window.strides[1],
    dilationHeight: window.dilations[0],
    dilationWidth: window.dilations[1],
    padTop: window.padTop,
    padLeft: window.padLeft,
  };
}

/** The window that a kernel's parameters describe. */
export function windowOfParameters(parameters: Readonly<Record<string, number>>, channels: number): Window {
  return {
    channels,
    input: [parameters.inputHeight, parameters.inputWidth],
    output: [parameters.outputHeight, parameters.outputWidth],
    kernel: [parameters.kernelHeight, parameters.kernelWidth],
    strides: [parameters.strideHeight, parameters.strideWidth],
    dilations: [parameters.dilationHeight, parameters.dilationWidth],
    padTop: parameters.padTop,
    padLeft: parameters.padLeft,
  };
}

/** Calls `visit` for every tap of the output position that lies inside the input. */
export function forTaps(
  window: Window,
  outY: number,
  outX: number,
  visit: (inY: number, inX: number, kernelY: number, kernelX: number) => void,
): void {
  const [kernelHeight, kernelWidth] = window.kernel;
  const top = outY * window.strides[0] - window.padTop;
  const left = outX * window.strides[1] - window.padLeft;
  for (let kernelY = 0; kernelY < kernelHeight; kernelY++) {
    const inY = top + kernelY * window.dilations[0];
    if (inY < 0 || inY >= window.input[0]) continue;
    for (let kernelX = 0; kernelX < kernelWidth; kernelX++) {
      const inX = left + kernelX * window.dilations[1];
      if (inX >= 0 && inX < window.input[1]) visit(inY, inX, kernelY, kernelX);
    }
  }
}

/** Calls `visit` for every output position. */
export function forPositions(window: Window, visit: (outY: number, outX: number) => void): void {
  for (let outY = 0; outY < window.output[0]; outY++) {
    for (let outX = 0; outX < window.output[1]; outX++) visit(outY, outX);
  }
}
