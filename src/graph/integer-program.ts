/**
 * The integer program: what the TypeScript reference, the WASM kernels and the firmware execute, and what program.bin holds.
 * Activations are channels-last (a rank-4 value NCHW of the graph is stored NHWC, rank 3 NCL as NLC; others as they are).
 * int8 storage for every activation of up to 8 bits (a target's uint8 q is stored as q - 128 with its zero point moved alike);
 * int16 for 16-bit ones; int32 for indices.
 */
import type { Shape } from '../base/tensor.ts';

export type ActivationDType = 'int8' | 'int16' | 'int32';

/** An activation tensor. Real value = scale * (q - zeroPoint), q in [qMin, qMax]. */
export interface ProgramTensor {
  readonly name: string;
  readonly dtype: ActivationDType;
  /** Physical shape, batch 1 first. */
  readonly shape: Shape;
  /** 1 for indices. A float32 value. */
  readonly scale: number;
  readonly zeroPoint: number;
  readonly bits: number;
  readonly qMin: number;
  readonly qMax: number;
  /** Where it lives in the arena; set by the memory plan. Two tensors may share bytes at different times; views share them at once. */
  readonly arenaOffsetBytes: number;
}

/** A constant as the kernel reads it. `packing` says how `data` becomes bytes: int4/int2 pack LSB first over the flat tensor. */
export interface ProgramConstant {
  readonly name: string;
  readonly packing: 'int2' | 'int4' | 'int8' | 'int16' | 'int32' | 'int64';
  readonly data: Int8Array | Int16Array | Int32Array | BigInt64Array;
}

/** One kernel call. Parameters are the words of the kernel's spec; constants are given by index into `IntegerProgram.constants` (-1: none). */
export interface IntegerOperation {
  /** Kernel name (kebab case), e.g. `conv`. */
  readonly kernel: string;
  /** Name of the graph node that it comes from. */
  readonly name: string;
  /** Requantization rule id (src/arithmetic/rules). */
  readonly rule: string;
  /** Tensor indices. */
  readonly inputs: readonly number[];
  readonly output: number;
  readonly parameters: Readonly<Record<string, number>>;
  /** Multiply-accumulates of one sample, for reports. */
  readonly macs: number;
}

export interface IntegerProgram {
  /** Profile id, e.g. `cmsis-nn`. */
  readonly profile: string;
  readonly tensors: readonly ProgramTensor[];
  readonly constants: readonly ProgramConstant[];
  readonly operations: readonly IntegerOperation[];
  /** Tensor indices. */
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  /** Bytes of the arena for one sample, alignment 16, scratch included. */
  readonly arenaBytes: number;
  /** Scratch bytes at the end of the arena. */
  readonly scratchBytes: number;
}

/** Elements of one sample of a tensor. */
export function tensorElements(tensor: ProgramTensor): number {
  return tensor.shape.reduce((product, size) => product * size, 1);
}

export const activationBytes: Readonly<Record<ActivationDType, number>> = { int8: 1, int16: 2, int32: 4 };
