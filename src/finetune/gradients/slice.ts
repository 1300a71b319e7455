/** Gradient of a slice: the output gradient in its place among zeros; steps above 1 spread it out first. */
import type { GradientRule } from '../gradient-rule.ts';

export const sliceGradient: GradientRule = {
  op: 'slice',
  keepsGrid: true,
  forward: (node, context) => {
    const { begin, end, step } = node.attributes as Record<string, readonly number[]>;
    const { builder } = context;
    const axes = begin!.map((_, axis) => axis).slice(1);
    const words = [begin!, end!].map((list) => builder.int64(...list.slice(1)));
    const inputs = [context.input(node, 0), ...words, builder.int64(...axes), builder.int64(...step!.slice(1))];
    return [builder.node('Slice', inputs)];
  },
  backward: (node, [dy], context) => {
    const { builder } = context;
    const { begin, step } = node.attributes as Record<string, readonly number[]>;
    const [inputShape, outputShape] = [context.inputShape(node, 0), context.outputShape(node)];
    let gradient = dy!;
    let shape = [...outputShape];
    for (let axis = 1; axis < shape.length; axis++) {
      if (step![axis]! === 1) continue;
      // Each element is followed by step - 1 zeros: [.., n, ..] -> [.., n, step, ..] -> [.., n * step, ..].
      const split = [...shape.slice(0, axis + 1), 1, ...shape.slice(axis + 1)];
      const after = split.map((_, at) => (at === axis + 1 ? step![axis]! - 1 : 0));
      const opened = builder.node('Reshape', [gradient, builder.int64(...split)]);
      const padded = builder.node('Pad', [opened, builder.int64(...split.map(() => 0), ...after)]);
      shape = shape.map((size, at) => (at === axis ? size * step![axis]! : size));
      gradient = builder.node('Reshape', [padded, builder.int64(...shape)]);
    }
    const before = begin!.map((start, axis) => (axis === 0 ? 0 : start));
    // Negative amounts crop the zeros that reach past the end.
    const after = inputShape.map((size, axis) => size - before[axis]! - shape[axis]!);
    return [builder.node('Pad', [gradient, builder.int64(...before, ...after)])];
  },
};
