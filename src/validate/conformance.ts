/** Holds an engine or a board to operator vectors: runs each as a one-operation program and says what failed first and what would explain it. */
export { loadVectors } from '../data/vectors.ts';

import { BitwrightError, type ErrorCode } from '../base/errors.ts';
import type { OperatorVector } from '../data/operator-vector.ts';
import type { IntegerProgram } from '../graph/integer-program.ts';
import type { CodeArray } from '../simulate/engine.ts';
import { explainVector } from './explain-vector.ts';
import { vectorSamples, vectorToProgram } from './vector-program.ts';

/** Runs samples of one program; one output per sample. */
export type ConformanceRunner = (
  program: IntegerProgram,
  samples: readonly (readonly CodeArray[])[],
) => Promise<readonly CodeArray[]>;

export interface ConformanceFailure {
  readonly name: string;
  readonly op: string;
  readonly profile: string;
  /** Elements that differ, of how many; 0 where the program did not run. */
  readonly elements: number;
  readonly of: number;
  readonly first: { readonly index: number; readonly expected: number; readonly actual: number } | null;
  /** What would explain the codes, e.g. "matches the profile tflite-single (rule single)". */
  readonly explanations: readonly string[];
  /** Why the program did not run, else null. */
  readonly error: string | null;
}

export interface ConformanceResult {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** Output elements compared. */
  readonly compared: number;
  readonly failures: readonly ConformanceFailure[];
  readonly skips: readonly { readonly name: string; readonly reason: string }[];
}

/** Errors that say the engine cannot run a case at all, as opposed to running it wrongly. */
const skippingCodes: readonly ErrorCode[] = ['PROFILE_UNSUPPORTED', 'TARGET_LIMIT', 'MODEL_UNSUPPORTED'];
/** Errors after which further cases make no sense. */
const fatalCodes: readonly ErrorCode[] = [
  'INTERRUPTED',
  'INTERNAL',
  'DEVICE_UNAVAILABLE',
  'DEVICE_SILENT',
  'LINK_FAILED',
];

/**
 * Runs every vector. Cases that the engine refuses (their profile, their size) are skipped with the reason; a fault fails its case; a lost
 * device ends the run with its error. `onCase` reports progress.
 */
export async function runConformance(
  vectors: readonly OperatorVector[],
  run: ConformanceRunner,
  onCase?: (name: string, outcome: 'passed' | 'failed' | 'skipped') => void,
): Promise<ConformanceResult> {
  const failures: ConformanceFailure[] = [];
  const skips: { name: string; reason: string }[] = [];
  let passed = 0;
  let compared = 0;
  for (const vector of vectors) {
    try {
      const failure = await runVector(vector, run);
      compared += vector.tensors.expected.data.length;
      if (failure === null) passed++;
      else failures.push(failure);
      onCase?.(vector.name, failure === null ? 'passed' : 'failed');
    } catch (error) {
      if (!(error instanceof BitwrightError) || fatalCodes.includes(error.code)) throw error;
      if (skippingCodes.includes(error.code)) skips.push({ name: vector.name, reason: error.message });
      else failures.push({ ...describe(vector), elements: 0, first: null, explanations: [], error: error.message });
      onCase?.(vector.name, skippingCodes.includes(error.code) ? 'skipped' : 'failed');
    }
  }
  return { passed, failed: failures.length, skipped: skips.length, compared, failures, skips };
}

function describe(vector: OperatorVector) {
  return { name: vector.name, op: vector.op, profile: vector.profile, of: vector.tensors.expected.data.length };
}

/** Null where every element agrees. */
async function runVector(vector: OperatorVector, run: ConformanceRunner): Promise<ConformanceFailure | null> {
  const samples = vectorSamples(vector);
  const actual = await run(
    vectorToProgram(vector),
    samples.map(({ inputs }) => inputs),
  );
  let elements = 0;
  let first: ConformanceFailure['first'] = null;
  let offset = 0;
  samples.forEach(({ expected }, sample) => {
    const codes = actual[sample];
    if (codes?.length !== expected.length) {
      throw new BitwrightError('DEVICE_MISMATCH', {
        message: 'the output has another length than the vector',
        where: vector.name,
        seen: codes?.length ?? 0,
        allowed: expected.length,
      });
    }
    expected.forEach((code: number, index: number) => {
      if (codes[index] === code) return;
      elements++;
      first ??= { index: offset + index, expected: code, actual: codes[index] };
    });
    offset += expected.length;
  });
  if (first === null) return null;
  return { ...describe(vector), elements, first, explanations: explainVector(vector, actual), error: null };
}
