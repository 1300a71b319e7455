/** Runs one block of samples: finds the operations whose results are missing, runs them in order, and collects what was asked for. */
import type { CodeArray } from './engine.ts';
import type { KernelInstance } from './kernel-module.ts';
import type { OperationVersions } from './operation-versions.ts';
import type { ProgramView } from './program-view.ts';
import type { Residency } from './residency.ts';
import { failedOperation } from './status-error.ts';
import type { StorageOwners } from './storage-owners.ts';

/** What holds as long as programs have the same tensors and the same operations between them. Addresses are in bytes. */
export interface EngineLayout {
  readonly key: string;
  readonly owners: StorageOwners;
  readonly residency: Residency;
  readonly tableAddress: number;
  readonly scratchAddress: number;
  readonly fast: FastPlan;
  /** Per resident tensor: samples [heldFirst, heldLast) hold the data of version heldVersion. */
  readonly heldVersion: Float64Array;
  readonly heldFirst: Float64Array;
  readonly heldLast: Float64Array;
}

/** Where fast variants keep their constants and do their work; addresses in bytes. */
export interface FastPlan {
  /** Per operation; -1: the plain kernel runs. */
  readonly packedAddress: readonly number[];
  /** Per operation: which code version is packed there. */
  readonly packedVersion: Float64Array;
  readonly workspaceAddress: number;
}

export interface BlockRun {
  readonly kernels: KernelInstance;
  readonly programAddress: number;
  readonly program: ProgramView;
  readonly layout: EngineLayout;
  readonly versions: OperationVersions;
  readonly inputs: readonly CodeArray[];
  /** Written tensors to collect. */
  readonly wanted: readonly number[];
  /** Is given the bytes of `wanted[position]` for the block's samples; they are gone afterwards. */
  readonly deliver: (position: number, bytes: Uint8Array<ArrayBuffer>, first: number) => void;
  /** Samples [first, last). */
  readonly first: number;
  readonly last: number;
}

export function runBlock(block: BlockRun): void {
  const { program, kernels, first, last } = block;
  const missing = findMissing(block);
  for (const tensor of new Set(block.wanted)) if (missing[tensor] === 0) collect(block, tensor);
  fillAddressTable(block);
  program.inputs.forEach((tensor, port) => {
    if (missing[tensor] === 0) return;
    const { sizeBytes } = program.tensors[tensor]!;
    const { buffer, byteOffset } = block.inputs[port]!;
    const data = new Uint8Array(buffer, byteOffset + first * sizeBytes, (last - first) * sizeBytes);
    new Uint8Array(kernels.memory.buffer).set(data, addressOf(block, tensor));
    finish(block, tensor);
  });
  program.operations.forEach(({ output }, index) => {
    if (missing[output] === 0) return;
    runOperation(block, index);
    finish(block, output);
  });
}

function runOperation({ kernels, programAddress, layout, versions, first, last }: BlockRun, index: number): void {
  const { exports } = kernels;
  const packed = layout.fast.packedAddress[index]!;
  if (packed === -1) {
    const status = exports.runPlain(programAddress, index, layout.tableAddress, layout.scratchAddress, last - first);
    if (status !== 0) throw failedOperation(status, index);
    return;
  }
  if (layout.fast.packedVersion[index] !== versions.code[index]) {
    exports.packFast(programAddress, index, packed);
    layout.fast.packedVersion[index] = versions.code[index]!;
  }
  exports.runFast(programAddress, index, layout.tableAddress, packed, layout.fast.workspaceAddress, last - first);
}

/** 1 for each written tensor that this block must compute: wanted itself, or read by an operation that runs, and not held. */
function findMissing({ program, layout, versions, wanted, first, last }: BlockRun): Uint8Array {
  const missing = new Uint8Array(program.tensors.length);
  const require = (tensor: number): void => {
    const held =
      layout.residency.resident[tensor] !== -1 &&
      layout.heldVersion[tensor] === versions.tensors[tensor] &&
      layout.heldFirst[tensor]! <= first &&
      layout.heldLast[tensor]! >= last;
    if (!held) missing[tensor] = 1;
  };
  wanted.forEach(require);
  for (let index = program.operations.length - 1; index >= 0; index--) {
    if (missing[program.operations[index]!.output] === 1) layout.owners.operationInputs[index]!.forEach(require);
  }
  return missing;
}

/** Address of the block's first sample of a written tensor. */
function addressOf({ program, layout: { residency }, first }: BlockRun, tensor: number): number {
  const resident = residency.resident[tensor]!;
  return resident === -1 ? residency.transient[tensor]! : resident + first * program.tensors[tensor]!.sizeBytes;
}

function fillAddressTable(block: BlockRun): void {
  const { kernels, layout, program } = block;
  const table = new Uint32Array(kernels.memory.buffer, layout.tableAddress, program.tensors.length);
  layout.owners.owners.forEach((owner, tensor) => {
    table[tensor] = owner === -1 ? 0 : addressOf(block, owner);
  });
}

/**
 * Notes that a tensor's block has been computed, and collects it if it was asked for. What is held is one run of samples: another
 * apart from it replaces it.
 */
function finish(block: BlockRun, tensor: number): void {
  const { layout, versions, first, last } = block;
  if (layout.residency.resident[tensor] !== -1) {
    const { heldVersion, heldFirst, heldLast } = layout;
    const touches = heldFirst[tensor]! <= last && heldLast[tensor]! >= first;
    const isJoined = heldVersion[tensor] === versions.tensors[tensor] && touches;
    heldVersion[tensor] = versions.tensors[tensor]!;
    heldFirst[tensor] = isJoined ? Math.min(heldFirst[tensor]!, first) : first;
    heldLast[tensor] = isJoined ? Math.max(heldLast[tensor]!, last) : last;
  }
  collect(block, tensor);
}

function collect(block: BlockRun, tensor: number): void {
  const { kernels, program, wanted, deliver, first, last } = block;
  wanted.forEach((candidate, position) => {
    if (candidate !== tensor) return;
    const { sizeBytes } = program.tensors[tensor]!;
    deliver(
      position,
      new Uint8Array(kernels.memory.buffer, addressOf(block, tensor), (last - first) * sizeBytes),
      first,
    );
  });
}
