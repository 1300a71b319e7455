/** Gradient of average pooling: each output gradient, divided by its window's divisor, is spread over the window. */
import type { Node } from '../../graph/graph.ts';
import { fromSpatial, reshape, spatialShape, toSpatial } from '../emit-shapes.ts';
import type { GradientContext, GradientRule } from '../gradient-rule.ts';

interface Window {
  readonly kernel: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly pads: readonly [number, number, number, number];
  readonly countIncludePad: boolean;
}

const windowOf = (node: Node): Window => node.attributes as unknown as Window;

/** Number of input rows (or columns) that the window at `position` covers. */
function covered(position: number, stride: number, kernel: number, before: number, size: number): number {
  const start = position * stride - before;
  return Math.min(start + kernel, size) - Math.max(start, 0);
}

/** 1 / divisor for each output position, row-major. */
function reciprocals(node: Node, context: GradientContext): Float32Array<ArrayBuffer> {
  const { kernel, strides, pads, countIncludePad } = windowOf(node);
  const [, , height, width] = spatialShape(context.inputShape(node, 0));
  const [, , rows, columns] = spatialShape(context.outputShape(node));
  const values = new Float32Array(rows * columns).fill(1 / (kernel[0] * kernel[1]));
  if (countIncludePad) return values;
  for (let row = 0; row < rows; row++) {
    const tall = covered(row, strides[0], kernel[0], pads[0], height);
    for (let column = 0; column < columns; column++) {
      values[row * columns + column] = 1 / (tall * covered(column, strides[1], kernel[1], pads[1], width));
    }
  }
  return values;
}

export const averagePoolGradient: GradientRule = {
  op: 'average-pool',
  forward: (node, context) => {
    const { kernel, strides, pads, countIncludePad } = windowOf(node);
    const x = toSpatial(context.builder, context.input(node, 0), context.inputShape(node, 0));
    const attributes = { kernel_shape: kernel, strides, pads, count_include_pad: countIncludePad ? 1 : 0 };
    return [
      fromSpatial(context.builder, context.builder.node('AveragePool', [x], attributes), context.outputShape(node)),
    ];
  },
  backward: (node, [dy], context) => {
    const { builder } = context;
    const { kernel, strides, pads } = windowOf(node);
    const [batch, channels, height, width] = spatialShape(context.inputShape(node, 0));
    const [, , rows, columns] = spatialShape(context.outputShape(node));
    const share = builder.constant('float32', [1, 1, rows, columns], reciprocals(node, context));
    const scaled = builder.node('Mul', [reshape(builder, dy!, [batch * channels, 1, rows, columns]), share]);
    const ones = builder.constant('float32', [1, 1, ...kernel], new Float32Array(kernel[0] * kernel[1]).fill(1));
    const rest = [height, width].map(
      (size, axis) =>
        size + pads[axis]! + pads[axis + 2]! - kernel[axis]! - ([rows, columns][axis]! - 1) * strides[axis]!,
    );
    const dx = spread(builder, scaled, ones, { strides, pads, rest });
    return [reshape(builder, dx, context.inputShape(node, 0))];
  },
};

/** ConvTranspose wants an output padding below the stride, which holds here: more unused rows would be another window. */
function spread(
  builder: GradientContext['builder'],
  scaled: string,
  ones: string,
  at: { strides: readonly number[]; pads: readonly number[]; rest: readonly number[] },
): string {
  return builder.node('ConvTranspose', [scaled, ones], {
    strides: at.strides,
    pads: at.pads,
    output_padding: at.rest,
  });
}
