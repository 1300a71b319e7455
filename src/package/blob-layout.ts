/** Numbers of program.bin that writer and reader share (docs/blob-format.md). */
import type { ActivationDType } from '../graph/integer-program.ts';

/** The bytes `BWP1`. */
export const blobMagic = 0x31505742;
export const blobVersion = 1;
export const blobHeaderBytes = 64;
export const tensorRecordBytes = 32;
export const operationPrefixBytes = 32;
export const inputsPerOperation = 7;

/** Limits that every reader enforces before it allocates anything. */
export const blobLimits = { tensors: 4096, operations: 4096, ports: 8, totalBytes: 256 * 1024 * 1024 } as const;

export const dtypeCodes: Readonly<Record<ActivationDType, number>> = { int8: 1, int16: 2, int32: 3 };
