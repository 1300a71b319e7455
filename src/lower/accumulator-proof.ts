/**
 * Proves per layer that no accumulator can leave its register, whatever the input: the bound holds for every partial sum in every
 * order, because an input range that contains the zero point makes each term's extreme at least as large as leaving it out.
 */
import type { NumericProfile } from '../arithmetic/profile.ts';
import { getRule } from '../arithmetic/registry.ts';
import { IssueList } from '../base/errors.ts';
import type { IntegerProgram } from '../graph/integer-program.ts';
import { getOp } from '../ops/registry.ts';

export interface AccumulatorProof {
  /** Operation name and its position in the program. */
  readonly name: string;
  readonly operation: number;
  /** Output channel with the widest reach. */
  readonly channel: number;
  readonly minimum: number;
  readonly maximum: number;
  /** Signed bits that the reach needs. */
  readonly neededBits: number;
  readonly availableBits: number;
  readonly holds: boolean;
}

/** One proof per operation that accumulates. */
export function proveAccumulators(program: IntegerProgram, profile: NumericProfile): AccumulatorProof[] {
  return program.operations.flatMap((operation, index) => {
    const bound = getOp(operation.kernel).accumulatorBound?.(
      {
        operation,
        parameters: operation.parameters,
        rule: getRule(operation.rule),
        constant: (parameter: string) => {
          const constant = operation.parameters[parameter];
          return constant === undefined || constant < 0 ? undefined : program.constants[constant]!.data;
        },
      },
      program.tensors[operation.inputs[0]!]!,
    );
    if (bound === undefined) return [];
    const neededBits = signedBits(bound.minimum, bound.maximum);
    const availableBits = profile.accumulator.bits;
    return [
      {
        name: operation.name,
        operation: index,
        ...bound,
        neededBits,
        availableBits,
        holds: neededBits <= availableBits,
      },
    ];
  });
}

/** The smallest b with -2^(b-1) <= minimum and maximum <= 2^(b-1) - 1. */
export function signedBits(minimum: number, maximum: number): number {
  let bits = 1;
  while (minimum < -(2 ** (bits - 1)) || maximum > 2 ** (bits - 1) - 1) bits++;
  return bits;
}

/** Throws ACCUMULATOR_OVERFLOW naming every layer and channel that fails. */
export function requireProofs(proofs: readonly AccumulatorProof[], profile: NumericProfile): void {
  const issues = new IssueList('ACCUMULATOR_OVERFLOW');
  for (const proof of proofs) {
    if (proof.holds) continue;
    issues.add({
      message: `the accumulator of output channel ${proof.channel} can leave its ${proof.availableBits} bits (${profile.accumulator.overflow})`,
      where: proof.name,
      seen: `${proof.minimum} to ${proof.maximum}, ${proof.neededBits} bits`,
      allowed: `${proof.availableBits} bits`,
      next: 'Use fewer weight or activation bits for this layer (--bits), or a target with a wider accumulator.',
    });
  }
  issues.throwIfAny();
}
