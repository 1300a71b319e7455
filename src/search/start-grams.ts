/** Input correlations for the rounding inside the search, taken from a network whose weights and activations keep all their bits. */
import type { QuantizationPlan } from '../graph/quantization-plan.ts';
import type { Evaluator } from './evaluator.ts';
import { collectGrams, type LayerGrams } from './layer-grams.ts';
import type { LapqOptions, SearchHooks } from './search-context.ts';
import type { Setup } from './setup.ts';

/** By position in `setup.layers`; null for layers of 8 bits or without the form. `plan` is the network that delivers the inputs. */
export async function collectStartGrams(
  setup: Setup,
  evaluator: Evaluator,
  plan: QuantizationPlan,
  options: LapqOptions,
  hooks: SearchHooks,
): Promise<(LayerGrams | null)[]> {
  const samples = Math.min(options.roundingSamples, evaluator.fitting);
  const grams: (LayerGrams | null)[] = [];
  for (const [index, { geometry, weighted, bits }] of setup.layers.entries()) {
    if (geometry === null || bits >= 8) {
      grams.push(null);
      continue;
    }
    const { codes, tensor } = await evaluator.codes(plan, weighted.node.inputs[0], samples);
    const input = { codes, samples, scale: tensor.scale, zeroPoint: tensor.zeroPoint };
    grams.push(collectGrams(geometry, input, options.damping, options.seed + index));
    hooks.onProgress?.('start', index + 1, setup.layers.length, Number.NaN);
  }
  return grams;
}
