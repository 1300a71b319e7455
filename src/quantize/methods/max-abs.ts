/** Max-abs (min-max): the smallest step that clips nothing. */
import { fullRangeStep } from '../code-grid.ts';
import type { StepMethod } from '../step-method.ts';

export const method: StepMethod = {
  name: 'max-abs',
  title: 'The full range, nothing clipped (min-max).',
  choose: fullRangeStep,
};
