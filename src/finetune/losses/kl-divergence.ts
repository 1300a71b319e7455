/**
 * Distillation: T^2 KL(softmax(teacher / T) || softmax(logits / T)). The factor T^2 keeps the gradient, T (q - p) / rows, of the
 * size of the cross-entropy's at every temperature.
 */
import type { Loss } from './loss.ts';

export const klDivergenceLoss: Loss = {
  name: 'kl-divergence',
  emit: ({ builder, logits, target, rows, temperature }) => {
    const soft = [target, logits].map((value) => builder.node('Mul', [value, builder.scalar(1 / temperature)]));
    const [teacherLog, studentLog] = soft.map((value) => builder.node('LogSoftmax', [value], { axis: 1 }));
    const [teacher, student] = [teacherLog!, studentLog!].map((value) => builder.node('Exp', [value]));
    const terms = builder.node('Mul', [teacher!, builder.node('Sub', [teacherLog!, studentLog!])]);
    const sum = builder.node('ReduceSum', [terms], { keepdims: 0 });
    const difference = builder.node('Sub', [student!, teacher!]);
    return {
      value: builder.node('Mul', [sum, builder.scalar(temperature ** 2 / rows)]),
      gradient: builder.node('Mul', [difference, builder.scalar(temperature / rows)]),
    };
  },
};
