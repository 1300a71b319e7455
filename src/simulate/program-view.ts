/**
 * What the host engine must know of program.bin to plan memory and detect changes: tensor sizes, the operations as byte ranges, the
 * ports. Only for bytes that the kernels' own checker has accepted; it does not check them again.
 */
import type { ActivationDType } from '../graph/integer-program.ts';
import { noConstant } from '../graph/kernel-spec.ts';
import { opByOpcode } from '../ops/registry.ts';

export interface TensorView {
  readonly arenaOffsetBytes: number;
  /** Of one sample. */
  readonly sizeBytes: number;
  readonly dtype: ActivationDType;
}

export interface OperationView {
  readonly opcode: number;
  /** The whole record: everything a kernel reads but data. */
  readonly record: Uint8Array;
  readonly inputs: readonly number[];
  readonly output: number;
  readonly macs: number;
  /** First byte of its first constant, from the start of the constants section; -1 where it has none. */
  readonly constantsStart: number;
}

export interface ProgramView {
  readonly bytes: Uint8Array;
  readonly tensors: readonly TensorView[];
  readonly operations: readonly OperationView[];
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly scratchBytes: number;
  readonly constantsOffset: number;
}

const dtypes: readonly ActivationDType[] = ['int8', 'int16', 'int32'];
const recordWords = 8;

export function viewProgram(bytes: Uint8Array): ProgramView {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const u16 = (at: number): number => view.getUint16(at, true);
  const u32 = (at: number): number => view.getUint32(at, true);
  const tensorsOffset = u32(36);
  const tensors = Array.from({ length: u16(20) }, (_, index): TensorView => {
    const at = tensorsOffset + 32 * index;
    return { arenaOffsetBytes: u32(at), sizeBytes: u32(at + 4), dtype: dtypes[view.getUint8(at + 12) - 1]! };
  });
  const operations: OperationView[] = [];
  for (let at = u32(40), count = u16(22); operations.length < count; at += u16(at + 2)) {
    const inputs = Array.from({ length: view.getUint8(at + 5) }, (_, slot) => u16(at + 10 + 2 * slot));
    operations.push({
      opcode: u16(at),
      record: bytes.subarray(at, at + u16(at + 2)),
      inputs,
      output: u16(at + 8),
      macs: u32(at + 24),
      constantsStart: firstConstant(u16(at), (word) => u32(at + 4 * (recordWords + word))),
    });
  }
  const ports = Array.from({ length: u16(24) + u16(26) }, (_, port) => u16(u32(48) + 2 * port));
  return {
    bytes,
    tensors,
    operations,
    inputs: ports.slice(0, u16(24)),
    outputs: ports.slice(u16(24)),
    scratchBytes: u32(32),
    constantsOffset: u32(52),
  };
}

function firstConstant(opcode: number, parameter: (word: number) => number): number {
  const offsets = (opByOpcode(opcode)?.kernel?.parameters ?? [])
    .map(({ kind }, word) => (kind === 'constant' ? parameter(word) : noConstant))
    .filter((offset) => offset !== noConstant);
  return offsets.length === 0 ? -1 : Math.min(...offsets);
}
