/**
 * A target: a device or runtime as data (targets/*.json), its numeric profile narrowed to what it takes and its memory. The schema refuses
 * unknown keys and contradictions, and reports every problem at once. Source files belong to data/targets.ts; nothing here reads one.
 */
import { IssueList } from '../base/errors.ts';
import type { WeightRange } from '../graph/quantization-plan.ts';
import type { NumericProfile } from './profile.ts';
import { allProfiles } from './registry.ts';
import { bitWidths, bytesOrNull, fieldOf, oneOf, orNull, record, text, texts } from './schema.ts';

export interface Target {
  /** Kebab case; the file is `<id>.json`. */
  readonly id: string;
  readonly title: string;
  /** Profile id. */
  readonly profile: string;
  /** Processor core, e.g. `cortex-m4`, or `host`. */
  readonly core: string;
  readonly weights: {
    /** Widths offered, widest first. */
    readonly bits: readonly number[];
    readonly perChannel: boolean;
    /** `full`: [-2^(b-1), 2^(b-1)-1]; `narrow` drops the lowest code. */
    readonly range: WeightRange;
  };
  readonly activations: { readonly bits: readonly number[] };
  /** Bytes that a program and its arena may take; null: no limit of its own. */
  readonly memory: { readonly flashBytes: number | null; readonly ramBytes: number | null };
  /** GCC triple prefix and flags of the firmware, or null where none is built. */
  readonly toolchain: { readonly compiler: string; readonly flags: readonly string[] } | null;
  /** DEVICE string that runs it without hardware, e.g. `qemu:mps2-an386`, or null. */
  readonly emulator: string | null;
  readonly evidence: 'oracle-run' | 'source-read' | 'hardware-run';
  /** One sentence on what the evidence is and what it is not. */
  readonly note: string;
}

const schema = record({
  id: text,
  title: text,
  profile: oneOf(...allProfiles.map((profile) => profile.id)),
  core: text,
  weights: record({ bits: bitWidths, perChannel: oneOf(true, false), range: oneOf('full', 'narrow', 'pair-safe') }),
  activations: record({ bits: bitWidths }),
  memory: record({ flashBytes: bytesOrNull, ramBytes: bytesOrNull }),
  toolchain: orNull(record({ compiler: text, flags: texts })),
  emulator: orNull(text),
  evidence: oneOf('oracle-run', 'source-read', 'hardware-run'),
  note: text,
});

/** A checked target. `where` names the file in errors. Throws TARGET_INVALID with every problem. */
export function validateTarget(value: unknown, where: string): Target {
  const issues = new IssueList('TARGET_INVALID');
  schema(value, where, issues);
  issues.throwIfAny();
  const target = value as Target;
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(target.id)) {
    issues.add({ message: 'must be in kebab case', where: fieldOf(where, 'id'), seen: target.id });
  }
  checkAgainstProfile(target, allProfiles.find((profile) => profile.id === target.profile)!, where, issues);
  issues.throwIfAny();
  return target;
}

/** A target may narrow its profile and never widen it. */
function checkAgainstProfile(target: Target, profile: NumericProfile, where: string, issues: IssueList): void {
  const widths = (key: 'weights' | 'activations', allowed: readonly number[]): void => {
    const beyond = target[key].bits.filter((bits) => !allowed.includes(bits));
    if (beyond.length > 0) {
      issues.add({
        message: `the profile '${profile.id}' has no such width`,
        where: fieldOf(where, `${key}.bits`),
        seen: beyond.join(', '),
        allowed: allowed.join(', '),
      });
    }
  };
  widths('weights', profile.weight.bits);
  widths('activations', profile.activation.bits);
  if (target.weights.perChannel && !profile.weight.perChannel) {
    issues.add({
      message: `the profile '${profile.id}' has no per-channel weights`,
      where: fieldOf(where, 'weights.perChannel'),
      seen: 'true',
      allowed: 'false',
    });
  }
  if (target.weights.range === 'full' && profile.weight.range === 'narrow') {
    issues.add({
      message: `the profile '${profile.id}' demands the narrow range`,
      where: fieldOf(where, 'weights.range'),
      seen: 'full',
      allowed: 'narrow',
    });
  }
}
