/** A target's numeric profile: the runtime's arithmetic, narrowed to the widths and ranges that the target takes. */
import type { NumericProfile } from '../../arithmetic/profile.ts';
import { getProfile } from '../../arithmetic/registry.ts';
import type { Target } from '../../arithmetic/target.ts';
import { IssueList } from '../../base/errors.ts';
import type { IntegerProgram } from '../../graph/integer-program.ts';

export function targetProfile(target: Target): NumericProfile {
  const profile = getProfile(target.profile);
  const { bits, perChannel, range } = target.weights;
  return {
    ...profile,
    weight: { ...profile.weight, bits, perChannel, range },
    activation: { ...profile.activation, bits: target.activations.bits },
  };
}

/** Throws TARGET_LIMIT where program or arena do not fit into the target's memory. */
export function requireMemory(target: Target, program: IntegerProgram, programBytes: number): void {
  const issues = new IssueList('TARGET_LIMIT');
  const compare = (what: string, seen: number, allowed: number | null): void => {
    if (allowed === null || seen <= allowed) return;
    issues.add({
      message: `${what} does not fit`,
      where: target.id,
      seen: `${seen} bytes`,
      allowed: `${allowed} bytes`,
      next: 'Use fewer bits, a smaller model or a larger target.',
    });
  };
  compare('the program', programBytes, target.memory.flashBytes);
  compare('the arena', program.arenaBytes, target.memory.ramBytes);
  issues.throwIfAny();
}
