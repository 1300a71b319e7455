/** The layer-wise start of a search: a step for every group of activations and every weighted layer, for one or several settings at once. */

import { snapStep } from '../quantize/activation-parameters.ts';
import { type ChosenMethod, weightMethodOf } from '../quantize/choose-method.ts';
import type { CodeGrid } from '../quantize/code-grid.ts';
import { fullRangeStep, type Step } from '../quantize/code-grid.ts';
import type { Distribution } from '../quantize/distribution.ts';
import { lpSteps } from '../quantize/lp-step.ts';
import { weightSteps } from '../quantize/weight-steps.ts';
import type { ActivationGroup, Setup } from './setup.ts';

export interface StartSteps {
  /** By position in `setup.groups`. */
  readonly activations: readonly Step[];
  /** By position in `setup.layers`: one step or one per output channel. */
  readonly weights: readonly Float64Array<ArrayBuffer>[];
}

type Choose = (distribution: Distribution, grid: CodeGrid) => readonly Step[];

/** Steps of one initialiser; weights may go to another method of its choice. */
export function stepsOfMethod(setup: Setup, chosen: ChosenMethod): StartSteps {
  const forWeights = weightMethodOf(chosen);
  return collect(
    setup,
    1,
    (distribution, grid) => [chosen.method.choose(distribution, grid, chosen.parameter)],
    (distribution, grid) => [forWeights.method.choose(distribution, grid, forWeights.parameter)],
  )[0];
}

/** L_p-optimal steps for every exponent. */
export function stepsOfExponents(setup: Setup, exponents: readonly number[]): StartSteps[] {
  const choose: Choose = (distribution, grid) => lpSteps(distribution, grid, exponents);
  return collect(setup, exponents.length, choose, choose);
}

function collect(setup: Setup, settings: number, activations: Choose, weights: Choose): StartSteps[] {
  const { profile, groups, layers, perChannel } = setup;
  const groupSteps = groups.map((group) => stepsOfGroup(group, settings, activations, profile.activation.scale));
  const layerSteps = layers.map(({ weighted, grid }) =>
    weightSteps(weighted, grid, perChannel, profile, (distribution) => weights(distribution, grid)),
  );
  return Array.from({ length: settings }, (_, setting) => ({
    activations: groupSteps.map((steps) => steps[setting]),
    weights: layerSteps.map((steps) => steps[Math.min(setting, steps.length - 1)]),
  }));
}

/** The model's inputs keep their whole range under every method: they are 8 bits wide, often exactly representable, and never searched. */
function stepsOfGroup(
  { group, grid, distribution }: ActivationGroup,
  settings: number,
  choose: Choose,
  kind: 'any' | 'power-of-two',
): readonly Step[] {
  const full = fullRangeStep(distribution, grid);
  if (full.step === 0 || group.isGraphInput || group.fixed !== null || group.table !== null) {
    return new Array<Step>(settings).fill(snapStep(full, distribution, grid, kind));
  }
  return choose(distribution, grid).map((step) => snapStep(step, distribution, grid, kind));
}
