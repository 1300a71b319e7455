/** Mean over all elements of (output - target)^2, for models that reconstruct or score instead of classifying. */
import type { Loss } from './loss.ts';

export const meanSquaredErrorLoss: Loss = {
  name: 'mean-squared-error',
  emit: ({ builder, logits, target, rows, classes }) => {
    const difference = builder.node('Sub', [logits, target]);
    const sum = builder.node('ReduceSum', [builder.node('Mul', [difference, difference])], { keepdims: 0 });
    return {
      value: builder.node('Mul', [sum, builder.scalar(1 / (rows * classes))]),
      gradient: builder.node('Mul', [difference, builder.scalar(2 / (rows * classes))]),
    };
  },
};
