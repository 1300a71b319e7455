/** The few facts of program.bin that a session needs: sizes, and where inputs, outputs and operations keep their tensors. */
import { ByteReader } from '../base/bytes.ts';
import { BitwrightError } from '../base/errors.ts';
import type { ActivationDType } from '../graph/integer-program.ts';
import {
  blobHeaderBytes,
  blobLimits,
  blobMagic,
  blobVersion,
  dtypeCodes,
  tensorRecordBytes,
} from '../package/blob-layout.ts';
import type { CodeArray } from '../simulate/engine.ts';

export interface TensorLayout {
  readonly index: number;
  readonly sizeBytes: number;
  readonly dtype: ActivationDType;
}

export interface ProgramLayout {
  readonly profile: number;
  readonly arenaBytes: number;
  readonly inputs: readonly TensorLayout[];
  readonly outputs: readonly TensorLayout[];
  /** Output tensor of each operation, in execution order. */
  readonly operations: readonly TensorLayout[];
}

function invalid(what: string): BitwrightError {
  return new BitwrightError('ARTIFACT_INVALID', {
    message: `is no program that can be sent to a device: ${what}`,
    where: 'program.bin',
    next: 'Make the package again with `bitwright quantize`.',
  });
}

/** Reads what it needs and no more: the device checks the whole. Throws ARTIFACT_INVALID. */
export function readProgramLayout(program: Uint8Array): ProgramLayout {
  const reader = new ByteReader(program, 'program.bin');
  if (reader.u32() !== blobMagic) throw invalid('it does not start with BWP1');
  if (reader.u16() !== blobVersion || reader.u16() !== blobHeaderBytes) throw invalid('another format version');
  if (reader.u32() !== program.length) throw invalid('it is shorter or longer than its header says');
  reader.u32();
  const profile = reader.u16();
  reader.u16();
  const counts = { tensors: reader.u16(), operations: reader.u16(), inputs: reader.u16(), outputs: reader.u16() };
  if (counts.tensors > blobLimits.tensors || counts.operations > blobLimits.operations)
    throw invalid('too many records');
  if (Math.max(counts.inputs, counts.outputs) > blobLimits.ports) throw invalid('too many inputs or outputs');
  const arenaBytes = reader.u32();
  reader.u32();
  const tensorsOffset = reader.u32();
  const operationsOffset = reader.u32();
  reader.u32();
  const portsOffset = reader.u32();

  const tensor = (index: number): TensorLayout => {
    if (index >= counts.tensors) throw invalid(`tensor ${index} does not exist`);
    const record = new ByteReader(program.subarray(tensorsOffset + index * tensorRecordBytes), 'program.bin, tensors');
    record.u32();
    const sizeBytes = record.u32();
    record.u32();
    const code = record.u8();
    const dtype = (Object.keys(dtypeCodes) as ActivationDType[]).find((name) => dtypeCodes[name] === code);
    if (dtype === undefined || sizeBytes > arenaBytes) throw invalid(`tensor ${index} is wrong`);
    return { index, sizeBytes, dtype };
  };
  const readPort = (): TensorLayout => tensor(reader.u16());

  reader.offset = portsOffset;
  const inputs = Array.from({ length: counts.inputs }, readPort);
  const outputs = Array.from({ length: counts.outputs }, readPort);
  const operations: TensorLayout[] = [];
  for (let offset = operationsOffset; operations.length < counts.operations; ) {
    reader.offset = offset + 2;
    const recordBytes = reader.u16();
    reader.offset = offset + 8;
    operations.push(tensor(reader.u16()));
    if (recordBytes === 0) throw invalid('an operation of no length');
    offset += recordBytes;
  }
  return { profile, arenaBytes, inputs, outputs, operations };
}

/** Little-endian bytes of a tensor as codes. */
export function codesOf(dtype: ActivationDType, bytes: Uint8Array<ArrayBuffer>): CodeArray {
  const { buffer } = bytes.byteOffset === 0 && bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice();
  return dtype === 'int8' ? new Int8Array(buffer) : dtype === 'int16' ? new Int16Array(buffer) : new Int32Array(buffer);
}

export function bytesOf(codes: CodeArray): Uint8Array<ArrayBuffer> {
  return new Uint8Array(codes.buffer, codes.byteOffset, codes.byteLength);
}
