/** What the user should know of data and weights that leave nothing to quantize; each has a fallback, and the line says which. */
import type { Layer } from './layer-plan.ts';
import type { ActivationGroup } from './setup.ts';

export function setupWarnings(groups: readonly ActivationGroup[], layers: readonly Layer[]): string[] {
  return [...groups.flatMap(activationWarning), ...layers.flatMap(weightWarning)];
}

function activationWarning({ group, distribution: { min, max } }: ActivationGroup): string[] {
  const value = `activation ${group.values[0]}`;
  if (min === 0 && max === 0) return [`${value} is zero on every calibration sample; its scale is arbitrary`];
  if (min === max) return [`${value} is ${min} on every calibration sample; its scale covers nothing beyond that`];
  return [];
}

function weightWarning({ weighted: { node, weights, outputs, perOutput } }: Layer): string[] {
  let dead = 0;
  for (let output = 0; output < outputs; output++) {
    if (weights.subarray(output * perOutput, (output + 1) * perOutput).every((weight) => weight === 0)) dead++;
  }
  if (dead === 0) return [];
  if (dead === outputs) return [`layer ${node.name} has only zero weights; its scale is arbitrary`];
  return [
    `layer ${node.name}: ${dead} of ${outputs} output channels have only zero weights; they get the median scale`,
  ];
}
