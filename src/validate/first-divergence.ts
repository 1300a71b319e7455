/**
 * Finds where a device leaves the prediction: the first operation, in execution order, whose output bytes differ, and its first
 * differing element. Checksums of all operations travel first; only the codes of the one that differs are read back.
 */
import { crc32 } from '../base/bytes.ts';
import { BitwrightError } from '../base/errors.ts';
import type { Device, LayerTrace } from '../device/device.ts';
import type { CodeArray } from '../simulate/engine.ts';
import { compareCodes } from './compare.ts';

/** What the host knows of one operation of the program, in execution order. */
export interface OperationOutline {
  /** Graph node that it comes from. */
  readonly name: string;
  readonly kernel: string;
  /** Indices of its tensors in the program. */
  readonly inputs: readonly number[];
  readonly output: number;
}

export interface Divergence {
  readonly layer: string;
  readonly op: string;
  /** Flat index into the operation's physical output; null where no element can be named (see `note`). */
  readonly index: number | null;
  readonly expected: number | null;
  readonly actual: number | null;
  readonly sample: number;
  readonly operation: number;
  /** Elements of that operation's output, and how many differ. */
  readonly elements: number;
  readonly mismatches: number;
  readonly note: string | null;
  /** What would explain the codes, e.g. "matches the profile tflite-single (rule single)"; empty where nothing does. */
  readonly explanations: readonly string[];
}

/** Looks for what explains an operation's codes. */
export type Explain = (operation: number, actual: CodeArray) => Promise<readonly string[]>;

/** CRC-32 of codes as the device sees them: little-endian bytes in arena order. */
export function codeChecksum(codes: CodeArray): number {
  return crc32(new Uint8Array(codes.buffer, codes.byteOffset, codes.byteLength));
}

/** Index of the first operation whose checksum differs, or -1. Throws DEVICE_MISMATCH where their number differs. */
export function firstDifferingOperation(expected: readonly number[], trace: LayerTrace): number {
  if (trace.checksums.length !== expected.length) {
    throw new BitwrightError('DEVICE_MISMATCH', {
      message: 'the device traced another number of operations than the program has',
      seen: trace.checksums.length,
      allowed: expected.length,
      next: 'Push the program again; if it stays, update the firmware.',
    });
  }
  return expected.findIndex((checksum, operation) => checksum !== trace.checksums[operation]);
}

/**
 * Locates the divergence of one sample. `predicted` holds the simulated output codes of every operation for this sample;
 * `outputsDiffer` says whether the run's outputs differed. Null where everything agrees.
 */
export async function findFirstDivergence(
  device: Device,
  operations: readonly OperationOutline[],
  predicted: readonly CodeArray[],
  inputs: readonly CodeArray[],
  sample: number,
  outputsDiffer: boolean,
  trace: LayerTrace,
  explain: Explain,
): Promise<Divergence | null> {
  const operation = firstDifferingOperation(predicted.map(codeChecksum), trace);
  if (operation < 0) return outputsDiffer ? unlocated(operations, predicted, sample) : null;
  const { name, kernel } = operations[operation]!;
  const expected = predicted[operation]!;
  const actual = await device.readOperation(inputs, operation);
  const { first, compared, mismatches } = compareCodes(expected, actual, `operation ${operation} (${name})`);
  return {
    layer: name,
    op: kernel,
    index: first?.index ?? null,
    expected: first?.expected ?? null,
    actual: first?.actual ?? null,
    sample,
    operation,
    elements: compared,
    mismatches,
    note:
      first === null ? 'its checksum differed, its codes did not when asked again: the device is not repeatable' : null,
    explanations: first === null ? [] : await explain(operation, actual),
  };
}

function unlocated(
  operations: readonly OperationOutline[],
  predicted: readonly CodeArray[],
  sample: number,
): Divergence {
  const operation = operations.length - 1;
  const { name, kernel } = operations[operation]!;
  return {
    layer: name,
    op: kernel,
    index: null,
    expected: null,
    actual: null,
    sample,
    operation,
    elements: predicted[operation]!.length,
    mismatches: 0,
    note: 'the outputs differed, the layers agreed when traced again: the device is not repeatable or the answer was damaged',
    explanations: [],
  };
}
