/** The document that `validate --json` prints and every report renders: what ran where, what was equal, and whether the gates hold. */
import type { Dataset, Metric } from '../data/dataset.ts';
import type { DeviceEvidence, DeviceInfo, LinkStatistics } from '../device/device.ts';
import type { Manifest } from '../package/manifest.ts';
import type { Divergence } from './first-divergence.ts';
import { type GateResult, type Gates, judgeGates, type Measurements } from './gates.ts';
import { accuracyOf } from './metrics.ts';
import type { Validation } from './validate.ts';

export const verdictSchemaVersion = 1;

export interface Verdict {
  readonly schemaVersion: typeof verdictSchemaVersion;
  readonly outcome: 'pass' | 'fail';
  readonly profile: string;
  readonly device: {
    readonly id: string;
    readonly kind: string;
    readonly evidence: DeviceEvidence;
    readonly firmware: string | null;
    readonly clockHz: number | null;
  };
  readonly samples: number;
  /** Output elements compared, and how many differed. */
  readonly compared: number;
  readonly mismatches: number;
  readonly maxDifference: number;
  readonly layers: { readonly compared: number; readonly mismatches: number };
  readonly firstDivergence: Divergence | null;
  /** Shares 0..1 over the compared samples; null where there are no labels or no float model. */
  readonly accuracy: {
    readonly metric: Metric;
    readonly float: number | null;
    readonly simulated: number | null;
    readonly device: number | null;
  };
  readonly memory: {
    readonly arenaBytes: number;
    /** Null where the device keeps no arena of ours (ONNX Runtime). */
    readonly deviceArenaBytes: number | null;
    readonly programBytes: number;
    readonly weightBytes: number;
  };
  readonly cost: { readonly unit: DeviceInfo['costUnit']; readonly min: number; readonly max: number } | null;
  readonly link: LinkStatistics | null;
  /** What the package was made from. Of one that was quantized already, `accuracy.float` is its accuracy in ONNX Runtime. */
  readonly model: { readonly sha256: string; readonly quantized: boolean };
  readonly gates: readonly GateResult[];
  readonly seconds: number;
}

export interface VerdictInput {
  readonly profile: string;
  readonly device: DeviceInfo;
  readonly link: LinkStatistics | null;
  readonly validation: Validation;
  readonly dataset: Pick<Dataset, 'metric' | 'labels' | 'ranking'>;
  readonly floatAccuracy: number | null;
  readonly arenaBytes: number;
  readonly programBytes: number;
  readonly weightBytes: number;
  readonly model: Manifest['model'];
  readonly gates: Gates;
  readonly seconds: number;
}

/** Judges one validation. Without a gate of its own, a single mismatch fails. */
export function judge(input: VerdictInput): Verdict {
  const { validation, device } = input;
  const scoresOf = (scores: ArrayLike<number>): number | null => accuracyOf(scores, input.dataset, validation.samples);
  const accuracy = {
    metric: input.dataset.metric,
    float: input.floatAccuracy,
    simulated: scoresOf(validation.simulated),
    device: scoresOf(validation.device),
  };
  const costOf = (unit: DeviceInfo['costUnit']): number | null =>
    device.costUnit === unit ? (validation.cost?.max ?? null) : null;
  const measured: Measurements = {
    mismatches: validation.comparison.mismatches + validation.layers.mismatches,
    accuracy: accuracy.device,
    accuracyDrop: accuracy.float === null || accuracy.device === null ? null : share(accuracy.float - accuracy.device),
    arenaBytes: validation.deviceArenaBytes ?? input.arenaBytes,
    programBytes: input.programBytes,
    weightBytes: input.weightBytes,
    cycles: costOf('cycles'),
    instructions: costOf('instructions'),
    linkRetries: input.link?.retries ?? null,
  };
  const gates = judgeGates({ maxMismatches: 0, ...input.gates }, measured);
  const { first: _first, ...comparison } = validation.comparison;
  return {
    schemaVersion: verdictSchemaVersion,
    outcome: gates.every((gate) => gate.outcome === 'pass') ? 'pass' : 'fail',
    profile: input.profile,
    device: {
      id: device.id,
      kind: device.kind,
      evidence: device.evidence,
      firmware: device.firmware ?? null,
      clockHz: device.clockHz ?? null,
    },
    samples: validation.samples,
    ...comparison,
    layers: validation.layers,
    firstDivergence: validation.firstDivergence,
    accuracy,
    memory: {
      arenaBytes: input.arenaBytes,
      deviceArenaBytes: validation.deviceArenaBytes,
      programBytes: input.programBytes,
      weightBytes: input.weightBytes,
    },
    cost: validation.cost === null ? null : { unit: device.costUnit, ...validation.cost },
    link: input.link,
    model: { sha256: input.model.sha256, quantized: input.model.quantized ?? false },
    gates,
    seconds: input.seconds,
  };
}

/** A difference of two shares without the dust of binary fractions: 0.99 - 0.98 must keep a gate of 0.01. */
function share(value: number): number {
  return Number(value.toFixed(9));
}

/** One sentence per gate that does not hold. */
export function printFailures(verdict: Verdict): string[] {
  return verdict.gates.filter((gate) => gate.outcome !== 'pass').map((gate) => gate.message);
}
