/** Every gradient rule by IR op. A new rule is one file of this folder and one line here; a test compares both. */
import type { GradientRule } from '../gradient-rule.ts';
import { absGradient } from './abs.ts';
import { addGradient } from './add.ts';
import { averagePoolGradient } from './average-pool.ts';
import { batchNormalizationGradient } from './batch-normalization.ts';
import { clampGradient } from './clamp.ts';
import { concatGradient } from './concat.ts';
import { convGradient } from './conv.ts';
import { convTransposeGradient } from './conv-transpose.ts';
import { depthwiseConvGradient } from './depthwise-conv.ts';
import { eluGradient } from './elu.ts';
import { erfGradient } from './erf.ts';
import { expGradient } from './exp.ts';
import { fullyConnectedGradient } from './fully-connected.ts';
import { gatherGradient } from './gather.ts';
import { geluGradient } from './gelu.ts';
import { globalAveragePoolGradient } from './global-average-pool.ts';
import { hardSigmoidGradient } from './hard-sigmoid.ts';
import { hardSwishGradient } from './hard-swish.ts';
import { leakyReluGradient } from './leaky-relu.ts';
import { matMulGradient } from './mat-mul.ts';
import { maxPoolGradient } from './max-pool.ts';
import { mishGradient } from './mish.ts';
import { mulGradient } from './mul.ts';
import { negGradient } from './neg.ts';
import { padGradient } from './pad.ts';
import { preluGradient } from './prelu.ts';
import { requantizeGradient } from './requantize.ts';
import { reshapeGradient } from './reshape.ts';
import { resizeGradient } from './resize.ts';
import { sigmoidGradient } from './sigmoid.ts';
import { sliceGradient } from './slice.ts';
import { softmaxGradient } from './softmax.ts';
import { softplusGradient } from './softplus.ts';
import { splitGradient } from './split.ts';
import { sqrtGradient } from './sqrt.ts';
import { subGradient } from './sub.ts';
import { tanhGradient } from './tanh.ts';
import { transposeGradient } from './transpose.ts';

const rules: readonly GradientRule[] = [
  absGradient,
  addGradient,
  averagePoolGradient,
  batchNormalizationGradient,
  clampGradient,
  concatGradient,
  convTransposeGradient,
  convGradient,
  depthwiseConvGradient,
  eluGradient,
  erfGradient,
  expGradient,
  fullyConnectedGradient,
  gatherGradient,
  geluGradient,
  globalAveragePoolGradient,
  hardSigmoidGradient,
  hardSwishGradient,
  leakyReluGradient,
  matMulGradient,
  maxPoolGradient,
  mishGradient,
  mulGradient,
  negGradient,
  padGradient,
  preluGradient,
  requantizeGradient,
  reshapeGradient,
  resizeGradient,
  sigmoidGradient,
  sliceGradient,
  softmaxGradient,
  softplusGradient,
  splitGradient,
  sqrtGradient,
  subGradient,
  tanhGradient,
  transposeGradient,
];

const byOp = new Map(rules.map((rule) => [rule.op, rule]));

/** The rule of an IR op, or undefined where training cannot pass through it. */
export function gradientRuleOf(op: string): GradientRule | undefined {
  return byOp.get(op);
}

export function opsWithGradient(): string[] {
  return [...byOp.keys()].sort();
}
