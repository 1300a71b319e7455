/** How many patches of a layer's input are looked at, from which samples, and how they are gathered. */
import type { QuantizationPlan } from '../graph/quantization-plan.ts';
import {
  emptyPatches,
  gatherPatches,
  type LayerInput,
  type Patches,
  positionsPerSample,
  samplePositions,
} from '../quantize/input-patches.ts';
import type { LayerGeometry } from '../quantize/layer-geometry.ts';
import type { Evaluator } from './evaluator.ts';

/** Patches of a layer's input, one entry per group of outputs. */
export type LayerPatches = readonly Patches[];

/** What a layer is rounded on, and what its rounding is judged on. */
export interface SplitPatches {
  readonly fitting: LayerPatches;
  /** Of samples that nothing is fitted to; null where there are none. */
  readonly heldOut: LayerPatches | null;
}

/**
 * Patches: many for the few weights of a pointwise layer, whose targets are regressed on them, fewer where they are wide or where each
 * group of a depthwise layer has its own. At least 4608, for channels that are rarely active (MobileNetV1 0.25, W4A8, divergence after
 * the last rounding: 0.36 with 2048 everywhere, 0.26 with 4608, 0.23 with 16384).
 */
const rowsMin = 4608;
const rowsMax = 16384;
/** Codes of a layer's patches, between these bounds. */
const patchElements = 2 ** 24;
/** Held-out patches for each one that is fitted: they only have to tell a few roundings apart. */
const heldOutShare = 0.25;

/** Rows of one group's patches: an upper bound, where the samples have fewer positions. */
export function patchRows({ groups, channelsPerGroup, taps }: LayerGeometry): { fitting: number; heldOut: number } {
  const fitting = Math.min(rowsMax, Math.max(rowsMin, Math.floor(patchElements / (groups * channelsPerGroup * taps))));
  return { fitting, heldOut: Math.round(heldOutShare * fitting) };
}

export interface PatchOptions {
  /** Most samples to fit. */
  readonly samples: number;
  /** Whether held-out patches are wanted too. */
  readonly judged: boolean;
  /** Of the positions. */
  readonly seed: number;
}

/** Patches of what `value` is under `plan`, at the same positions for every plan, given the same options. */
export async function collectPatches(
  evaluator: Evaluator,
  plan: QuantizationPlan,
  value: string,
  geometry: LayerGeometry,
  { samples, judged, seed }: PatchOptions,
): Promise<SplitPatches> {
  const rows = patchRows(geometry);
  const [first, last] = [evaluator.fitting, evaluator.samples];
  const end = Math.min(samples, first);
  const fitting = createCollector(geometry, [0, end], rows.fitting, seed);
  const heldOut = judged && first < last ? createCollector(geometry, [first, last], rows.heldOut, seed) : null;
  await evaluator.codes(plan, value, heldOut === null ? end : last, (part) => {
    fitting.add(part);
    heldOut?.add(part);
  });
  return { fitting: fitting.patches(), heldOut: heldOut?.patches() ?? null };
}

interface PatchCollector {
  /** Takes what is wanted from a part of the samples. */
  add(input: LayerInput): void;
  /** After all parts. */
  patches(): LayerPatches;
}

/** Of samples [first, end), whatever parts they come in; others are passed over. */
function createCollector(
  geometry: LayerGeometry,
  [first, end]: readonly [number, number],
  wanted: number,
  seed: number,
): PatchCollector {
  const n = geometry.channelsPerGroup * geometry.taps;
  let positions: Float64Array | null = null;
  let patches: LayerPatches = [];
  return {
    add(input) {
      const perSample = positionsPerSample(geometry, input);
      positions ??= samplePositions((end - first) * perSample, wanted, seed).map((at) => first * perSample + at);
      if (patches.length === 0) {
        const rows = positions.length;
        patches = Array.from({ length: geometry.groups }, () => emptyPatches(input, n, rows));
      }
      for (const [group, own] of patches.entries()) gatherPatches(own, geometry, input, group, positions);
    },
    patches: () => patches,
  };
}
