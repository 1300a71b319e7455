/**
 * Why a runtime's output differs from one operation's prediction: the rule of which other profile computes exactly these codes, or which
 * mistake that ports of kernels make.
 */
import { allProfiles, getRule } from '../arithmetic/registry.ts';
import { BitwrightError } from '../base/errors.ts';
import type { IntegerOperation, IntegerProgram } from '../graph/integer-program.ts';
import type { CodeArray } from '../simulate/engine.ts';
import { runReference } from '../simulate/reference-engine.ts';

/** One sample of an operation: its inputs and the codes that the runtime answered. */
export interface OperationSample {
  readonly inputs: readonly CodeArray[];
  readonly actual: CodeArray;
}

/** Which rule a profile has for the operation; the default is that of its requantizations. */
export type RuleOfProfile = (profileId: string) => string;

/** Sentences such as "matches the profile tflite-single"; empty where nothing explains the codes. `program` has one operation. */
export function explainOperation(
  program: IntegerProgram,
  samples: readonly OperationSample[],
  ruleOf: RuleOfProfile = (id) => allProfiles.find((profile) => profile.id === id)!.requantize,
): string[] {
  const explains = (candidate: IntegerProgram | undefined): boolean => {
    if (candidate === undefined) return false;
    try {
      return samples.every(({ inputs, actual }) => equal(runReference(candidate, inputs)[0]!, actual));
    } catch (error) {
      // A program that the other rule cannot express explains nothing.
      if (error instanceof BitwrightError) return false;
      throw error;
    }
  };
  const seen = new Set([program.operations[0]!.rule]);
  const profiles = allProfiles.flatMap(({ id }) => {
    const rule = ruleOf(id);
    if (seen.has(rule)) return [];
    seen.add(rule);
    return explains(underRule(program, rule)) ? [`matches the profile ${id} (rule ${rule})`] : [];
  });
  const mistakes = Object.entries(mistakePrograms(program)).flatMap(([sentence, candidate]) =>
    explains(candidate) ? [sentence] : [],
  );
  return [...profiles, ...mistakes];
}

function equal(a: CodeArray, b: CodeArray): boolean {
  return a.length === b.length && a.every((code, index) => code === b[index]);
}

/** The program with its scales encoded again by another rule; undefined where that rule cannot express them. */
function underRule(program: IntegerProgram, ruleId: string): IntegerProgram | undefined {
  const [operation] = program.operations;
  const from = getRule(operation.rule);
  const to = getRule(ruleId);
  const again = (multiplier: number, shift: number) => to.encode(from.decode({ multiplier, shift }));
  try {
    const { multiplier, shift } = operation.parameters;
    if (multiplier === undefined) {
      if (operation.kernel === 'add' && to.id !== 'double' && to.id !== 'single') return undefined;
      return withOperation(program, { rule: ruleId, parameters: reencodeScalars(operation, again) });
    }
    const multipliers = program.constants[multiplier].data as Int32Array;
    const shifts = program.constants[shift].data as Int32Array;
    const encoded = Array.from(multipliers, (word, index) => again(word, shifts[index]));
    const constants = program.constants.map((constant, index) => {
      if (index === multiplier) return { ...constant, data: Int32Array.from(encoded, (entry) => entry.multiplier) };
      return index === shift ? { ...constant, data: Int32Array.from(encoded, (entry) => entry.shift) } : constant;
    });
    return { ...withOperation(program, { rule: ruleId }), constants };
  } catch (error) {
    if (error instanceof BitwrightError) return undefined;
    throw error;
  }
}

function reencodeScalars(
  { parameters }: IntegerOperation,
  again: (multiplier: number, shift: number) => { multiplier: number; shift: number },
): Record<string, number> {
  const words: Record<string, number> = { ...parameters };
  for (const side of ['input1', 'input2', 'output']) {
    const [multiplier, shift] = [words[`${side}Multiplier`], words[`${side}Shift`]];
    if (multiplier === undefined || shift === undefined) continue;
    const encoded = again(multiplier, shift);
    words[`${side}Multiplier`] = encoded.multiplier;
    words[`${side}Shift`] = encoded.shift;
  }
  return words;
}

function withOperation(program: IntegerProgram, changes: Partial<IntegerOperation>): IntegerProgram {
  return { ...program, operations: [{ ...program.operations[0], ...changes }] };
}

/** Programs that hold a mistake which ports of kernels make. */
function mistakePrograms(program: IntegerProgram): Record<string, IntegerProgram | undefined> {
  const [operation] = program.operations;
  const change = (words: Record<string, number>): IntegerProgram =>
    withOperation(program, { parameters: { ...operation.parameters, ...words } });
  const flipped = Object.fromEntries(
    Object.entries(operation.parameters).flatMap(([name, value]) =>
      /^(input\d?|weight)ZeroPoint$/.test(name) && value !== 0 ? [[name, -value]] : [],
    ),
  );
  const weights = operation.parameters.weights;
  const packed = weights !== undefined && program.constants[weights].packing === 'int4';
  return {
    'matches input zero points with the opposite sign': Object.keys(flipped).length > 0 ? change(flipped) : undefined,
    'matches an output without its clamp':
      operation.parameters.clampMin === undefined ? undefined : change({ clampMin: -128, clampMax: 127 }),
    'matches int4 weights with the nibbles swapped': packed
      ? {
          ...program,
          constants: program.constants.map((constant, index) =>
            index === weights ? { ...constant, data: swapPairs(constant.data as Int8Array) } : constant,
          ),
        }
      : undefined,
  };
}

function swapPairs(codes: Int8Array): Int8Array {
  return Int8Array.from(codes, (_, index) => codes[index ^ 1] ?? 0);
}
