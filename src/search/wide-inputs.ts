/**
 * What the layers that are to be rounded read in a network whose weights and activations keep all their bits: the float network's
 * inputs, nearly. One pass gives the moments for the rounding inside the search and the reference for the last rounding.
 */
import type { QuantizationPlan } from '../graph/quantization-plan.ts';
import type { Evaluator } from './evaluator.ts';
import { gramsOfMoments, type LayerGrams } from './layer-grams.ts';
import { momentsOfPatches } from './layer-moments.ts';
import { collectPatches, type SplitPatches } from './layer-patches.ts';
import type { LapqOptions, SearchHooks } from './search-context.ts';
import type { Setup } from './setup.ts';

export interface WideInput {
  readonly patches: SplitPatches;
  readonly grams: LayerGrams;
}

/** By position in `setup.layers`; null for layers of 8 bits or without the form. `plan` is the wide network. */
export async function collectWideInputs(
  setup: Setup,
  evaluator: Evaluator,
  plan: QuantizationPlan,
  options: LapqOptions,
  hooks: SearchHooks,
): Promise<(WideInput | null)[]> {
  const inputs: (WideInput | null)[] = [];
  for (const [index, { geometry, weighted, bits }] of setup.layers.entries()) {
    if (geometry === null || bits >= 8) {
      inputs.push(null);
      continue;
    }
    const patches = await collectPatches(evaluator, plan, weighted.node.inputs[0], geometry, {
      samples: options.roundingSamples,
      judged: options.retarget && options.retargetDamping === 'held-out',
      seed: options.seed + index,
    });
    const moments = momentsOfPatches(evaluator.products, geometry, patches.fitting, null);
    inputs.push({ patches, grams: gramsOfMoments(moments, options.damping) });
    hooks.onProgress?.('start', index + 1, setup.layers.length, Number.NaN);
  }
  return inputs;
}
