/** What the random operations are made of: tensors, adversarial codes, encodable scales. All choices come from one seeded generator. */
import type { EncodedScale, RequantizeRule } from '../../src/arithmetic/rule.ts';
import type { Random } from '../../src/base/random.ts';
import type { Shape } from '../../src/base/tensor.ts';
import type { ActivationDType, ProgramConstant } from '../../src/graph/integer-program.ts';

export type ActivationBits = 4 | 8 | 16;
export type WeightBits = 2 | 3 | 4 | 8;

export interface DraftTensor {
  readonly dtype: ActivationDType;
  readonly shape: Shape;
  readonly bits: number;
  readonly zeroPoint: number;
  /** Codes that inputs take. */
  readonly low: number;
  readonly high: number;
}

/** One operation before its tensors have places. Constants are referred to by index in `parameters`. */
export interface Draft {
  readonly inputs: readonly DraftTensor[];
  readonly output: DraftTensor;
  readonly parameters: Record<string, number>;
  readonly constants: ProgramConstant[];
}

export interface DraftContext {
  readonly random: Random;
  readonly rule: RequantizeRule;
  readonly activationBits: ActivationBits;
  readonly weightBits: WeightBits;
}

export function chance(random: Random, probability: number): boolean {
  return random.next() < probability;
}

export function pick<T>(random: Random, choices: readonly T[]): T {
  return choices[random.integer(0, choices.length - 1)]!;
}

/** Lowest and highest code of signed `bits`. */
export function rangeOf(bits: number): { low: number; high: number } {
  return { low: -(2 ** (bits - 1)), high: 2 ** (bits - 1) - 1 };
}

export function activation({ random, activationBits }: DraftContext, shape: Shape): DraftTensor {
  const { low, high } = rangeOf(activationBits);
  const zeroPoint = activationBits === 16 ? 0 : pick(random, [0, low, high, random.integer(low, high)]);
  return { dtype: activationBits === 16 ? 'int16' : 'int8', shape, bits: activationBits, zeroPoint, low, high };
}

/** Mostly uniform, else the extremes alone, one value, or values around 0. */
export function adversarialCodes(random: Random, count: number, low: number, high: number): number[] {
  const fixed = random.integer(low, high);
  const near = (): number => Math.max(low, Math.min(high, random.integer(-2, 2)));
  const draw = pick(random, [
    () => random.integer(low, high),
    () => random.integer(low, high),
    () => pick(random, [low, high]),
    () => fixed,
    near,
  ]);
  return Array.from({ length: count }, draw);
}

/** Bounds of a clamp: the whole range, or a part of it. */
export function clampWords({ random }: DraftContext, output: DraftTensor): { clampMin: number; clampMax: number } {
  if (chance(random, 0.7)) return { clampMin: output.low, clampMax: output.high };
  const a = random.integer(output.low, output.high);
  const b = random.integer(output.low, output.high);
  return { clampMin: Math.min(a, b), clampMax: Math.max(a, b) };
}

/**
 * A scale that the rule can encode, such that accumulators of about `magnitude` spread over the codes; sometimes a power of two
 * (ties), sometimes far too small or too large.
 */
export function randomScale({ random, rule, activationBits }: DraftContext, magnitude: number): number {
  const fitting = 2 ** (activationBits - 1) / Math.max(1, magnitude);
  const stretch = pick(random, [1, 1, 1, 1, 1 / 64, 4, 64]);
  const scale = fitting * stretch * (0.25 + random.next());
  const powerOnly = rule.id === 'shift-half-up' || rule.id === 'shift-half-even';
  return powerOnly || chance(random, 0.3) ? 2 ** Math.round(Math.log2(scale)) : Math.fround(scale);
}

export function randomEncoded(context: DraftContext, magnitude: number): EncodedScale {
  return context.rule.encode(randomScale(context, magnitude));
}

/** Multiplier and shift constants for `channels`, one pair each or one for all. */
export function scaleConstants(
  context: DraftContext,
  channels: number,
  magnitude: number,
  constants: ProgramConstant[],
) {
  const channelStep = chance(context.random, 0.7) ? 1 : 0;
  const count = channelStep === 1 ? channels : 1;
  const encoded = Array.from({ length: count }, () => randomEncoded(context, magnitude));
  const add = (name: 'multiplier' | 'shift'): number =>
    constants.push({ name, packing: 'int32', data: Int32Array.from(encoded, (entry) => entry[name]) }) - 1;
  return { channelStep, multiplier: add('multiplier'), shift: add('shift') };
}

/** Weight codes of the context's width as a constant, and the words that describe them. */
export function weightConstant(context: DraftContext, name: string, count: number, constants: ProgramConstant[]) {
  const { random, weightBits } = context;
  const { low, high } = rangeOf(weightBits);
  const weightStorage = weightBits === 3 ? 4 : weightBits;
  const data = Int8Array.from(adversarialCodes(random, count, low, high));
  constants.push({ name, packing: `int${weightStorage}`, data });
  return { weightBits: weightStorage, [name]: constants.length - 1 };
}

/** A bias per channel (int64 for 16-bit activations), or none. Sometimes so large that a float32 cannot hold the accumulator. */
export function biasConstant(
  context: DraftContext,
  channels: number,
  magnitude: number,
  constants: ProgramConstant[],
): number {
  const { random, activationBits } = context;
  if (chance(random, 0.2)) return -1;
  const limit = chance(random, 0.8) ? Math.min(magnitude, 2 ** 29) : 2 ** 29;
  const codes = Array.from({ length: channels }, () => random.integer(-limit, limit));
  const wide = activationBits === 16;
  return (
    constants.push(
      wide
        ? { name: 'bias', packing: 'int64', data: BigInt64Array.from(codes, (code) => BigInt(Math.round(code))) }
        : { name: 'bias', packing: 'int32', data: Int32Array.from(codes) },
    ) - 1
  );
}
