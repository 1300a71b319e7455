/** Integer program -> program.bin (docs/blob-format.md). The same program always gives the same bytes. */
import { getProfile, getRule } from '../arithmetic/registry.ts';
import { ByteWriter, crc32 } from '../base/bytes.ts';
import { assert } from '../base/errors.ts';
import {
  activationBytes,
  type IntegerOperation,
  type IntegerProgram,
  type ProgramTensor,
  tensorElements,
} from '../graph/integer-program.ts';
import { noConstant } from '../graph/kernel-spec.ts';
import { getOp } from '../ops/registry.ts';
import {
  blobHeaderBytes,
  blobMagic,
  blobVersion,
  dtypeCodes,
  inputsPerOperation,
  operationPrefixBytes,
} from './blob-layout.ts';
import { packConstant } from './pack-constant.ts';

export function pack(program: IntegerProgram): Uint8Array<ArrayBuffer> {
  const constants = program.constants.map(packConstant);
  const constantOffsets: number[] = [];
  let constantsBytes = 0;
  for (const bytes of constants) {
    constantOffsets.push(constantsBytes);
    constantsBytes += Math.ceil(bytes.length / 16) * 16;
  }
  const writer = new ByteWriter();
  const profile = getProfile(program.profile);
  writer.u32(blobMagic).u16(blobVersion).u16(blobHeaderBytes).u32(0).u32(0);
  writer.u16(profile.code).u16(profile.version).u16(program.tensors.length).u16(program.operations.length);
  writer.u16(program.inputs.length).u16(program.outputs.length).u32(program.arenaBytes).u32(program.scratchBytes);
  const offsetsAt = writer.length;
  while (writer.length < blobHeaderBytes) writer.u32(0);

  const tensorsOffset = writer.length;
  for (const tensor of program.tensors) writeTensor(writer, tensor);
  const operationsOffset = writer.length;
  for (const operation of program.operations) writeOperation(writer, operation, program, constantOffsets);
  const operationsBytes = writer.length - operationsOffset;
  const portsOffset = writer.length;
  for (const port of [...program.inputs, ...program.outputs]) writer.u16(port);
  writer.align(16);
  const constantsOffset = writer.length;
  for (const bytes of constants) writer.bytes(bytes).align(16);

  const offsets = [tensorsOffset, operationsOffset, operationsBytes, portsOffset, constantsOffset, constantsBytes];
  offsets.forEach((value, index) => {
    writer.patchU32(offsetsAt + 4 * index, value);
  });
  writer.patchU32(8, writer.length);
  const bytes = writer.finish();
  new DataView(bytes.buffer).setUint32(12, crc32(bytes.subarray(16)), true);
  return bytes;
}

function writeTensor(writer: ByteWriter, tensor: ProgramTensor): void {
  assert(
    tensor.shape.length <= 4,
    `Tensor ${tensor.name} has rank ${tensor.shape.length}; programs hold at most rank 4.`,
  );
  const dims = [...new Array<number>(4 - tensor.shape.length).fill(1), ...tensor.shape];
  writer
    .u32(tensor.arenaOffsetBytes)
    .u32(tensorElements(tensor) * activationBytes[tensor.dtype])
    .i32(tensor.zeroPoint);
  writer.u8(dtypeCodes[tensor.dtype]).u8(tensor.bits).u8(tensor.shape.length).u8(0);
  for (const size of dims) writer.u32(size);
}

function writeOperation(
  writer: ByteWriter,
  operation: IntegerOperation,
  program: IntegerProgram,
  constantOffsets: readonly number[],
): void {
  const kernel = getOp(operation.kernel).kernel;
  assert(kernel !== undefined, `Operation ${operation.name} names ${operation.kernel}, which has no kernel.`);
  assert(
    operation.inputs.length <= inputsPerOperation,
    `Operation ${operation.name} has more than ${inputsPerOperation} inputs.`,
  );
  const computed = operation.inputs.map((index) => program.tensors[index]!).find((tensor) => tensor.dtype !== 'int32');
  const dtype = (computed ?? program.tensors[operation.output]!).dtype;
  writer.u16(kernel.opcode).u16(operationPrefixBytes + 4 * kernel.parameters.length);
  writer.u8(getRule(operation.rule).code).u8(operation.inputs.length).u8(dtypeCodes[dtype]).u8(0);
  writer.u16(operation.output);
  for (let slot = 0; slot < inputsPerOperation; slot++) writer.u16(operation.inputs[slot] ?? 0xffff);
  writer.u32(Math.min(operation.macs, 0xffffffff)).u32(0);
  for (const { name, kind } of kernel.parameters) {
    const value = operation.parameters[name];
    assert(value !== undefined && Number.isInteger(value), `Operation ${operation.name} lacks the parameter ${name}.`);
    if (kind === 'i32') writer.i32(value);
    else writer.u32(value < 0 ? noConstant : constantOffsets[value]!);
  }
}
