/** Cases for every operator with a gradient. */
import { convolutions } from './cases/convolutions.ts';
import type { GradientCase } from './cases/gradient-case.ts';
import { pools } from './cases/pools.ts';
import { products } from './cases/products.ts';
import { shapes } from './cases/shapes.ts';
import { unaries } from './cases/unaries.ts';

export type { GradientCase };
export const gradientCases: readonly GradientCase[] = [...convolutions, ...pools, ...unaries, ...shapes, ...products];
