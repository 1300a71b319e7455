/** Cross-entropy of softmax(logits) against target probabilities (one-hot labels, smoothed or not): gradient (softmax - target) / rows. */
import type { Loss } from './loss.ts';

export const crossEntropyLoss: Loss = {
  name: 'cross-entropy',
  emit: ({ builder, logits, target, rows }) => {
    const logarithms = builder.node('LogSoftmax', [logits], { axis: 1 });
    const sum = builder.node('ReduceSum', [builder.node('Mul', [target, logarithms])], { keepdims: 0 });
    const difference = builder.node('Sub', [builder.node('Softmax', [logits], { axis: 1 }), target]);
    return {
      value: builder.node('Mul', [sum, builder.scalar(-1 / rows)]),
      gradient: builder.node('Mul', [difference, builder.scalar(1 / rows)]),
    };
  },
};
