/**
 * program.bin -> integer program, for the TypeScript reference engine and `inspect`. The blob holds no names and no scales: tensors are
 * called t0, t1, ... and every scale is 1. Hostile input: everything is checked, and all that is wrong is an ARTIFACT_INVALID with its byte.
 */
import { profileByCode, ruleByCode } from '../arithmetic/registry.ts';
import { ByteReader, crc32 } from '../base/bytes.ts';
import { BitwrightError } from '../base/errors.ts';
import {
  type ActivationDType,
  activationBytes,
  type IntegerOperation,
  type IntegerProgram,
  type ProgramConstant,
  type ProgramTensor,
  tensorElements,
} from '../graph/integer-program.ts';
import { type KernelSpec, noConstant } from '../graph/kernel-spec.ts';
import { opByOpcode } from '../ops/registry.ts';
import {
  blobHeaderBytes,
  blobLimits,
  blobMagic,
  blobVersion,
  dtypeCodes,
  inputsPerOperation,
  operationPrefixBytes,
} from './blob-layout.ts';
import { unpackCodes } from './pack-constant.ts';

function invalid(where: string, message: string, seen: string | number, allowed: string | number): BitwrightError {
  return new BitwrightError('ARTIFACT_INVALID', {
    message,
    where: `program.bin, ${where}`,
    seen,
    allowed,
    next: 'Make the package again with `bitwright quantize`.',
  });
}

function require(
  condition: boolean,
  where: string,
  message: string,
  seen: string | number,
  allowed: string | number,
): void {
  if (!condition) throw invalid(where, message, seen, allowed);
}

export function unpack(bytes: Uint8Array): IntegerProgram {
  const reader = new ByteReader(bytes, 'program.bin');
  require(bytes.length <= blobLimits.totalBytes, 'header', 'is too large', bytes.length, blobLimits.totalBytes);
  require(reader.u32() === blobMagic, 'byte 0', 'is no bitwright program', 'other magic', 'BWP1');
  const version = reader.u16();
  require(version === blobVersion, 'byte 4', 'has another format version', version, blobVersion);
  require(reader.u16() === blobHeaderBytes, 'byte 6', 'has another header length', 'other', blobHeaderBytes);
  const totalBytes = reader.u32();
  require(totalBytes === bytes.length, 'byte 8', 'has another length than it says', bytes.length, totalBytes);
  const crc = reader.u32();
  require(crc === crc32(bytes.subarray(16)), 'byte 12', 'is damaged: the CRC-32 differs', crc32(
    bytes.subarray(16),
  ), crc);
  const profile = profileByCode(reader.u16());
  const profileVersion = reader.u16();
  require(profileVersion ===
    profile.version, 'byte 18', `is made for another version of ${profile.id}`, profileVersion, profile.version);
  const tensorCount = reader.u16();
  const operationCount = reader.u16();
  const inputCount = reader.u16();
  const outputCount = reader.u16();
  require(tensorCount >= 1 &&
    tensorCount <= blobLimits.tensors, 'byte 20', 'tensors', tensorCount, `1 to ${blobLimits.tensors}`);
  require(operationCount >= 1 &&
    operationCount <= blobLimits.operations, 'byte 22', 'operations', operationCount, `1 to ${blobLimits.operations}`);
  require(Math.max(inputCount, outputCount) <= blobLimits.ports, 'byte 24', 'ports', Math.max(
    inputCount,
    outputCount,
  ), blobLimits.ports);
  const arenaBytes = reader.u32();
  const scratchBytes = reader.u32();
  const [tensorsOffset, operationsOffset, , portsOffset, constantsOffset, constantsBytes] = Array.from(
    { length: 6 },
    () => reader.u32(),
  ) as [number, number, number, number, number, number];
  require(constantsOffset + constantsBytes <= bytes.length, 'byte 52', 'constants end past the file', constantsOffset +
    constantsBytes, bytes.length);

  reader.offset = tensorsOffset;
  const tensors = Array.from({ length: tensorCount }, (_, index) => readTensor(reader, index, arenaBytes));
  const constants = new ConstantTable(bytes.subarray(constantsOffset, constantsOffset + constantsBytes));
  reader.offset = operationsOffset;
  const records = Array.from({ length: operationCount }, (_, index) => readOperation(reader, index, tensorCount));
  for (const { operation, spec } of records) constants.collect(operation, spec);
  const operations = records.map(({ operation, spec, dtype }) => constants.resolve(operation, spec, dtype));
  reader.offset = portsOffset;
  const ports = Array.from({ length: inputCount + outputCount }, () => reader.u16());
  for (const port of ports) require(port < tensorCount, 'ports', 'tensor index', port, `below ${tensorCount}`);
  return {
    profile: profile.id,
    tensors,
    constants: constants.constants,
    operations,
    inputs: ports.slice(0, inputCount),
    outputs: ports.slice(inputCount),
    arenaBytes,
    scratchBytes,
  };
}

function dtypeOf(code: number, where: string): ActivationDType {
  const found = (Object.keys(dtypeCodes) as ActivationDType[]).find((dtype) => dtypeCodes[dtype] === code);
  if (found === undefined) throw invalid(where, 'dtype', code, '1 to 3');
  return found;
}

function readTensor(reader: ByteReader, index: number, arenaBytes: number): ProgramTensor {
  const where = `tensor ${index}`;
  const arenaOffsetBytes = reader.u32();
  const sizeBytes = reader.u32();
  const zeroPoint = reader.i32();
  const dtype = dtypeOf(reader.u8(), where);
  const bits = reader.u8();
  const rank = reader.u8();
  reader.u8();
  const dims = Array.from({ length: 4 }, () => reader.u32());
  require(rank >= 1 && rank <= 4, where, 'rank', rank, '1 to 4');
  const qMax = dtype === 'int32' ? 2 ** 31 - 1 : 2 ** (bits - 1) - 1;
  const tensor = {
    name: `t${index}`,
    dtype,
    shape: dims.slice(4 - rank),
    scale: 1,
    zeroPoint,
    bits,
    qMin: -qMax - 1,
    qMax,
    arenaOffsetBytes,
  };
  const elements = tensorElements(tensor);
  require(elements >= 1 &&
    elements * activationBytes[dtype] === sizeBytes, where, 'size in bytes', sizeBytes, elements *
    activationBytes[dtype]);
  require(arenaOffsetBytes + sizeBytes <= arenaBytes, where, 'ends past the arena', arenaOffsetBytes +
    sizeBytes, arenaBytes);
  return tensor;
}

interface OperationRecord {
  readonly operation: IntegerOperation;
  readonly spec: KernelSpec;
  readonly dtype: ActivationDType;
}

function readOperation(reader: ByteReader, index: number, tensorCount: number): OperationRecord {
  const where = `operation ${index} at byte ${reader.offset}`;
  const opcode = reader.u16();
  const spec = opByOpcode(opcode).kernel;
  if (spec === undefined) throw invalid(where, 'opcode', opcode, 'one of docs/operators.md');
  const recordBytes = reader.u16();
  const expectedBytes = operationPrefixBytes + 4 * spec.parameters.length;
  require(recordBytes === expectedBytes, where, 'record length', recordBytes, expectedBytes);
  const rule = ruleByCode(reader.u8());
  const inputCount = reader.u8();
  require(inputCount >= 1 &&
    inputCount <= inputsPerOperation, where, 'inputs', inputCount, `1 to ${inputsPerOperation}`);
  const dtype = dtypeOf(reader.u8(), where);
  reader.u8();
  const output = reader.u16();
  const slots = Array.from({ length: inputsPerOperation }, () => reader.u16());
  const inputs = slots.slice(0, inputCount);
  for (const tensor of [output, ...inputs])
    require(tensor < tensorCount, where, 'tensor index', tensor, `below ${tensorCount}`);
  const macs = reader.u32();
  reader.u32();
  const parameters: Record<string, number> = {};
  for (const { name, kind } of spec.parameters) parameters[name] = kind === 'i32' ? reader.i32() : reader.u32();
  return {
    operation: { kernel: spec.name, name: `${spec.name} ${index}`, rule: rule.id, inputs, output, parameters, macs },
    spec,
    dtype,
  };
}

/** Turns offsets back into numbered constants. A constant reaches to the next one that is used, padding included. */
class ConstantTable {
  readonly constants: ProgramConstant[] = [];
  readonly #bytes: Uint8Array;
  readonly #offsets = new Set<number>();
  readonly #indices = new Map<string, number>();

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  collect(operation: IntegerOperation, spec: KernelSpec): void {
    for (const { name, kind } of spec.parameters) {
      const offset = operation.parameters[name]!;
      if (kind !== 'constant' || offset === noConstant) continue;
      require(offset % 16 === 0 &&
        offset <
          this.#bytes
            .length, operation.name, `offset of ${name}`, offset, `a multiple of 16 below ${this.#bytes.length}`);
      this.#offsets.add(offset);
    }
  }

  resolve(operation: IntegerOperation, spec: KernelSpec, dtype: ActivationDType): IntegerOperation {
    const parameters: Record<string, number> = { ...operation.parameters };
    for (const { name, kind } of spec.parameters) {
      if (kind === 'constant')
        parameters[name] =
          parameters[name] === noConstant ? -1 : this.#index(name, parameters[name]!, parameters, dtype);
    }
    return { ...operation, parameters };
  }

  #index(name: string, offset: number, parameters: Readonly<Record<string, number>>, dtype: ActivationDType): number {
    const packing = packingOf(name, parameters, dtype);
    const key = `${packing} ${offset}`;
    const known = this.#indices.get(key);
    if (known !== undefined) return known;
    const end = [...this.#offsets]
      .filter((other) => other > offset)
      .reduce((a, b) => Math.min(a, b), this.#bytes.length);
    const index =
      this.constants.push({ name: `c${offset}`, packing, data: decode(copyOf(this.#bytes, offset, end), packing) }) - 1;
    this.#indices.set(key, index);
    return index;
  }
}

function packingOf(
  parameter: string,
  parameters: Readonly<Record<string, number>>,
  dtype: ActivationDType,
): ProgramConstant['packing'] {
  const weightBits = parameters.weightBits;
  if (parameter === 'weights' || (parameter === 'table' && weightBits !== undefined)) {
    return weightBits === 2 ? 'int2' : weightBits === 4 ? 'int4' : 'int8';
  }
  if (parameter === 'table' || parameter === 'slope') return 'int8';
  return parameter === 'bias' && dtype === 'int16' ? 'int64' : 'int32';
}

/** A copy with a buffer of its own; `slice` of Node's Buffer would share the whole file's. */
function copyOf(bytes: Uint8Array, start: number, end: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes.subarray(start, end));
}

function decode(bytes: Uint8Array<ArrayBuffer>, packing: ProgramConstant['packing']): ProgramConstant['data'] {
  switch (packing) {
    case 'int2':
      return unpackCodes(bytes, 2, bytes.length * 4);
    case 'int4':
      return unpackCodes(bytes, 4, bytes.length * 2);
    case 'int8':
      return new Int8Array(bytes.buffer);
    case 'int16':
      return new Int16Array(bytes.buffer);
    case 'int32':
      return new Int32Array(bytes.buffer);
    case 'int64':
      return new BigInt64Array(bytes.buffer);
  }
}
