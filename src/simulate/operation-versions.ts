/**
 * Change detection. Every operation has a version: a number that stays the same exactly as long as the operation would compute the
 * same output again. It is renewed when the record, a byte of the constants or the version of an input differs from the last program.
 * The comparison is of the bytes themselves, not of hashes, so equal versions mean equal outputs.
 */
import type { ProgramView } from './program-view.ts';

interface KnownOperation {
  readonly record: Uint8Array;
  readonly constants: Uint8Array;
  readonly constantsEnd: number;
  readonly inputVersions: readonly number[];
  readonly version: number;
  readonly codeVersion: number;
}

export interface OperationVersions {
  /** Version of the data in each written tensor; 0 where nothing writes. */
  readonly tensors: Float64Array;
  /** Per operation: a number that changes with the record or the constants, whatever the inputs do. */
  readonly code: Float64Array;
}

export interface VersionTracker {
  /** `constantsEnd` asks the kernels where an operation's constants end; `sources` are the storage owners of its inputs. */
  update(
    program: ProgramView,
    sources: readonly (readonly number[])[],
    constantsEnd: (operation: number, guess: number) => number,
  ): OperationVersions;
  /** New input data: every output is a new one, but what depends on records and constants alone stays. */
  newInputs(): void;
  /** Nothing of the past holds. */
  reset(): void;
}

export function createVersionTracker(): VersionTracker {
  let known: KnownOperation[] = [];
  let inputVersion = 1;
  let latest = 1;
  return {
    update(program, sources, constantsEnd) {
      const tensors = new Float64Array(program.tensors.length);
      const code = new Float64Array(program.operations.length);
      for (const input of program.inputs) tensors[input] = inputVersion;
      program.operations.forEach((operation, index) => {
        const before = known[index];
        const inputVersions = sources[index]!.map((tensor) => tensors[tensor]!);
        const end = operation.constantsStart < 0 ? 0 : constantsEnd(index, before?.constantsEnd ?? 0);
        const constants = constantBytes(program, operation.constantsStart, end);
        const sameCode =
          before !== undefined && sameBytes(before.record, operation.record) && sameBytes(before.constants, constants);
        const same = sameCode && before.inputVersions.every((version, slot) => version === inputVersions[slot]);
        if (!same) {
          known[index] = {
            record: sameCode ? before.record : operation.record.slice(),
            constants: sameCode ? before.constants : constants.slice(),
            constantsEnd: end,
            inputVersions,
            version: ++latest,
            codeVersion: sameCode ? before.codeVersion : latest,
          };
        }
        tensors[operation.output] = known[index]!.version;
        code[index] = known[index]!.codeVersion;
      });
      known.length = program.operations.length;
      return { tensors, code };
    },
    newInputs() {
      inputVersion = ++latest;
    },
    reset() {
      known = [];
      inputVersion = ++latest;
    },
  };
}

function constantBytes(program: ProgramView, start: number, end: number): Uint8Array {
  return start < 0
    ? program.bytes.subarray(0, 0)
    : program.bytes.subarray(program.constantsOffset + start, program.constantsOffset + end);
}

/** Records and constants are aligned to 4 in the program and hence in these copies; lengths may be odd. */
function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  const words = a.byteOffset % 4 === 0 && b.byteOffset % 4 === 0 ? a.length >> 2 : 0;
  const aWords = new Int32Array(a.buffer, words === 0 ? 0 : a.byteOffset, words);
  const bWords = new Int32Array(b.buffer, words === 0 ? 0 : b.byteOffset, words);
  for (let index = 0; index < words; index++) if (aWords[index] !== bWords[index]) return false;
  for (let index = 4 * words; index < a.length; index++) if (a[index] !== b[index]) return false;
  return true;
}
