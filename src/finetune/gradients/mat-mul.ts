/** Gradient of a matrix product of two values: da = dy b^T, db = a^T dy, summed over broadcast batch axes. */
import type { Shape } from '../../base/tensor.ts';
import { sumToShape } from '../emit-shapes.ts';
import type { GradientRule } from '../gradient-rule.ts';

const matrixShape = (batch: Shape, rows: number, columns: number): number[] => [...batch.slice(0, -2), rows, columns];

export const matMulGradient: GradientRule = {
  op: 'mat-mul',
  forward: (node, context) => [context.builder.node('MatMul', [context.input(node, 0), context.input(node, 1)])],
  backward: (node, [dy], context) => {
    const { builder } = context;
    const [shapeA, shapeB, shapeY] = [
      context.inputShape(node, 0),
      context.inputShape(node, 1),
      context.outputShape(node),
    ];
    const [rows, depth, columns] = [shapeA.at(-2)!, shapeA.at(-1)!, shapeB.at(-1)!];
    const gradients: (string | undefined)[] = [undefined, undefined];
    if (context.wants(node, 0)) {
      const da = builder.node('FusedMatMul', [dy!, context.input(node, 1)], { transB: 1 });
      gradients[0] = sumToShape(builder, da, matrixShape(shapeY, rows, depth), shapeA);
    }
    if (context.wants(node, 1)) {
      const db = builder.node('FusedMatMul', [context.input(node, 0), dy!], { transA: 1 });
      gradients[1] = sumToShape(builder, db, matrixShape(shapeY, depth, columns), shapeB);
    }
    return gradients;
  },
};
