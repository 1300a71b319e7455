/** The step that minimises the L_p norm of the quantization error: LAPQ's layer-wise start for one p (p = 2.4 is the community's default). */
import { lpSteps } from '../lp-step.ts';
import type { StepMethod } from '../step-method.ts';

export const method: StepMethod = {
  name: 'lp-norm',
  title: 'Least L_p norm of the quantization error.',
  parameter: { name: 'p', default: 2.4, min: 1, max: 16 },
  choose: (distribution, grid, p) => lpSteps(distribution, grid, [p])[0],
};
