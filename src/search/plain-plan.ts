/** The plan that steps lead to with nothing clever done: weights rounded to nearest, biases as they are. */
import type { QuantizationPlan } from '../graph/quantization-plan.ts';
import { partsOf } from './plan-parts.ts';
import { createScaleSpace } from './scale-space.ts';
import type { Setup } from './setup.ts';
import type { StartSteps } from './start-steps.ts';

export function plainPlan(setup: Setup, steps: StartSteps): QuantizationPlan {
  const space = createScaleSpace(
    partsOf(setup, steps, {
      rounding: 'nearest',
      correctBias: false,
      wideInputs: [],
      factors: [1],
      searchWeights: false,
    }),
  );
  return space.planAt(space.origin);
}
