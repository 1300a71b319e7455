/**
 * The integer part of an exported model.onnx as a device: the float border is cut off, so that codes go in and come out, and every
 * operation of the program can be read back. Shared by onnxruntime-node and onnxruntime-web.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from '../base/bytes.ts';
import { assert, BitwrightError } from '../base/errors.ts';
import { elementCount, type Tensor, type TensorData, transposeTensor } from '../base/tensor.ts';
import { type CutValue, cutModel } from '../onnx/cut-border.ts';
import { decodeModel, type ModelProto } from '../onnx/model-proto.ts';
import { type CoreMap, coreMapKey, type MappedTensor, parseCoreMap } from '../package/onnx-export/core-map.ts';
import type { CodeArray } from '../simulate/engine.ts';
import { type CoreSession, type OptimizationLevel, optimizationLevels } from './core-session.ts';
import type { Device, DeviceOpenOptions, DeviceRun } from './device.ts';
import { hostInfo } from './host-info.ts';
import { bytesOf } from './program-layout.ts';

export type CreateCoreSession = (model: Uint8Array<ArrayBuffer>, level: OptimizationLevel) => Promise<CoreSession>;

/** Opens OUT/model.onnx; `argument` is the optimisation level, `all` where it is empty. */
export async function openOnnxDevice(
  kind: string,
  argument: string,
  options: DeviceOpenOptions,
  createSession: CreateCoreSession,
): Promise<Device> {
  const level = parseLevel(kind, argument);
  const { model, map } = await readModel(kind, options.outFolder);
  let running: CoreSession | undefined;
  let tracing: CoreSession | undefined;
  const open = (outputs: readonly MappedTensor[]): Promise<CoreSession> =>
    createSession(cutModel(model, map.inputs.map(cutValue), distinct(outputs).map(cutValue)), level);
  const trace = async (inputs: readonly CodeArray[]): Promise<readonly CodeArray[]> => {
    tracing ??= await open(map.operations);
    return (await execute(tracing, map, inputs, map.operations)).outputs;
  };
  return {
    info: { ...hostInfo(kind), evidence: 'device', profiles: [map.profile], costUnit: 'nanoseconds' },
    link: null,
    load: async (program, onProgress) => {
      if (crc32(program) !== map.programCrc) throw otherProgram(kind);
      running ??= await open(map.outputs);
      onProgress?.(program.length, program.length);
      return { arenaBytes: null };
    },
    run: async (inputs): Promise<DeviceRun> => {
      assert(running !== undefined, 'A program is loaded before it runs.');
      return execute(running, map, inputs, map.outputs);
    },
    trace: async (inputs) => {
      const outputs = await trace(inputs);
      return { checksums: outputs.map((codes) => crc32(bytesOf(codes))), costs: outputs.map(() => null) };
    },
    readOperation: async (inputs, operation) => {
      assert(map.operations[operation] !== undefined, `The program has no operation ${operation}.`);
      return (await trace(inputs))[operation]!;
    },
    close: async () => {
      await running?.close();
      await tracing?.close();
    },
  };
}

function parseLevel(kind: string, argument: string): OptimizationLevel {
  const level = argument === '' ? 'all' : argument;
  const found = optimizationLevels.find((known) => known === level);
  if (found !== undefined) return found;
  throw new BitwrightError('DEVICE_UNKNOWN', {
    message: 'no such optimisation level',
    where: `${kind}:${argument}`,
    allowed: optimizationLevels.join(', '),
  });
}

async function readModel(kind: string, outFolder: string | undefined): Promise<{ model: ModelProto; map: CoreMap }> {
  if (outFolder === undefined)
    throw new BitwrightError('DEVICE_UNAVAILABLE', {
      message: 'runs the model.onnx of a package, and there is no package',
      where: kind,
    });
  const path = join(outFolder, 'model.onnx');
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw new BitwrightError(
      'DEVICE_UNAVAILABLE',
      {
        message: 'the package has no model.onnx',
        where: path,
        next: 'Quantize for a target whose operators ONNX has, such as --target onnxruntime.',
      },
      { cause },
    );
  });
  const model = decodeModel(bytes, path);
  const entry = (model.metadataProps ?? []).find(({ key }) => key === coreMapKey);
  return { model, map: parseCoreMap(entry?.value ?? '', path) };
}

function otherProgram(kind: string): BitwrightError {
  return new BitwrightError('DEVICE_MISMATCH', {
    message: 'model.onnx was not written with this program.bin',
    where: kind,
    next: 'Make the package again with `bitwright quantize`.',
  });
}

function distinct(tensors: readonly MappedTensor[]): MappedTensor[] {
  return [...new Map(tensors.map((tensor) => [tensor.value, tensor])).values()];
}

function cutValue({ value, dtype, shape }: MappedTensor): CutValue {
  return { value, dtype, shape };
}

async function execute(
  session: CoreSession,
  map: CoreMap,
  inputs: readonly CodeArray[],
  outputs: readonly MappedTensor[],
): Promise<{ readonly outputs: CodeArray[]; readonly cost: number }> {
  const feeds = new Map(map.inputs.map((mapped, index) => [mapped.value, toGraphOrder(mapped, inputs[index]!)]));
  const { tensors, milliseconds } = await session.run(feeds);
  return {
    outputs: outputs.map((mapped) => toProgramOrder(mapped, tensors.get(mapped.value))),
    cost: Math.round(milliseconds * 1e6),
  };
}

function toGraphOrder(mapped: MappedTensor, codes: CodeArray): Tensor {
  const { permutation, shape, dtype } = mapped;
  if (codes.length !== elementCount(shape)) {
    throw new BitwrightError('DATASET_MISMATCH', {
      message: 'an input has another length than the model expects',
      where: mapped.value,
      seen: codes.length,
      allowed: elementCount(shape),
    });
  }
  const physical = permutation.map((axis) => shape[axis]!);
  const inverse = permutation.map((_, axis) => permutation.indexOf(axis));
  const data: TensorData = dtype === 'int64' ? BigInt64Array.from(codes, BigInt) : codes;
  return transposeTensor({ dtype, shape: physical, data }, inverse);
}

function toProgramOrder(mapped: MappedTensor, tensor: Tensor | undefined): CodeArray {
  if (tensor?.dtype !== mapped.dtype || tensor.data.length !== elementCount(mapped.shape)) {
    throw new BitwrightError('DEVICE_FAULT', {
      message: 'the runtime answered with another tensor than the model has',
      where: mapped.value,
      seen: tensor === undefined ? 'none' : `${tensor.dtype} [${tensor.shape.join(', ')}]`,
      allowed: `${mapped.dtype} [${mapped.shape.join(', ')}]`,
    });
  }
  const { data } = transposeTensor({ ...tensor, shape: mapped.shape }, mapped.permutation);
  return data instanceof BigInt64Array ? Int32Array.from(data, Number) : (data as CodeArray);
}
