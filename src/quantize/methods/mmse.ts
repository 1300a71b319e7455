/** MMSE: the step of least mean squared error, the p = 2 case of the L_p method. */
import { lpSteps } from '../lp-step.ts';
import type { StepMethod } from '../step-method.ts';

export const method: StepMethod = {
  name: 'mmse',
  title: 'Least mean squared quantization error.',
  choose: (distribution, grid) => lpSteps(distribution, grid, [2])[0],
};
