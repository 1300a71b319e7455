/** Why a runtime's output differs from a vector. */
import type { OperatorVector } from '../data/operator-vector.ts';
import type { CodeArray } from '../simulate/engine.ts';
import { explainOperation } from './explain-operation.ts';
import { vectorSamples, vectorToProgram } from './vector-program.ts';

/** As `explainOperation`; `actual` has one array per sample. */
export function explainVector(vector: OperatorVector, actual: readonly CodeArray[]): string[] {
  const samples = vectorSamples(vector).map(({ inputs }, sample) => ({ inputs, actual: actual[sample]! }));
  return explainOperation(vectorToProgram(vector), samples, (id) => vectorToProgram(vector, id).operations[0]!.rule);
}
