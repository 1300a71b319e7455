/** Codes for a program that has no data: seeded, each within its input's grid. */
import { seededRandom } from '../base/random.ts';
import { type IntegerProgram, type ProgramTensor, tensorElements } from '../graph/integer-program.ts';
import type { CodeArray, SampleBatch } from './engine.ts';

/** Samples [count] of uniform codes in [qMin, qMax]; indices are rows that every table of the program has. */
export function randomSamples(program: IntegerProgram, count: number, seed: number): SampleBatch {
  const random = seededRandom(seed);
  const tables = program.operations.filter(({ kernel }) => kernel === 'gather');
  const lastRow = Math.min(...tables.map(({ parameters }) => parameters.rows! - 1));
  const draw = ({ dtype, qMin, qMax }: ProgramTensor): number =>
    dtype === 'int32' ? random.integer(0, Number.isFinite(lastRow) ? lastRow : 0) : random.integer(qMin, qMax);
  const inputs = program.inputs.map((index): CodeArray => {
    const tensor = program.tensors[index]!;
    const codes = Array.from({ length: count * tensorElements(tensor) }, () => draw(tensor));
    return codesOf(tensor.dtype, codes);
  });
  return { samples: count, inputs };
}

function codesOf(dtype: ProgramTensor['dtype'], codes: readonly number[]): CodeArray {
  if (dtype === 'int8') return Int8Array.from(codes);
  return dtype === 'int16' ? Int16Array.from(codes) : Int32Array.from(codes);
}
