/**
 * One WebAssembly instance that runs program bytes over its samples, block by block and operation by operation. Results that are
 * still valid from the last program are kept (operation-versions.ts says when) as far as the memory budget allows (residency.ts).
 */
import { assert, BitwrightError } from '../base/errors.ts';
import { type ActivationDType, activationBytes } from '../graph/integer-program.ts';
import { type BlockRun, type EngineLayout, runBlock } from './block-run.ts';
import type { CodeArray, SampleBatch } from './engine.ts';
import { growMemory, type KernelInstance, loadKernels } from './kernel-module.ts';
import { createVersionTracker } from './operation-versions.ts';
import { type ProgramView, viewProgram } from './program-view.ts';
import { planResidency } from './residency.ts';
import { refusedProgram } from './status-error.ts';
import { findStorageOwners } from './storage-owners.ts';
import { addChannels } from './sum-channels.ts';
import type { KernelChoice } from './worker-messages.ts';

const alignmentBytes = 16;
const align = (bytes: number): number => Math.ceil(bytes / alignmentBytes) * alignmentBytes;

/** Loads the kernels; the engine's memory never exceeds `memoryBytes`. */
export async function createSampleEngine(memoryBytes: number, kernels: KernelChoice): Promise<SampleEngine> {
  return new SampleEngine(await loadKernels(memoryBytes), kernels);
}

export class SampleEngine {
  readonly #kernels: KernelInstance;
  readonly #choice: KernelChoice;
  readonly #structAddress: number;
  readonly #sizesAddress: number;
  readonly #programAddress: number;
  readonly #versions = createVersionTracker();
  #batch: SampleBatch = { samples: 0, inputs: [] };
  #programCapacityBytes = 0;
  #layout: EngineLayout | undefined;
  /** What the layout was planned for. */
  #layoutBatch: SampleBatch | undefined;

  constructor(kernels: KernelInstance, choice: KernelChoice) {
    this.#kernels = kernels;
    this.#choice = choice;
    this.#structAddress = align(kernels.exports.__heap_base.value);
    this.#sizesAddress = align(this.#structAddress + kernels.exports.programStructBytes());
    this.#programAddress = this.#sizesAddress + alignmentBytes;
  }

  /** Replaces the samples; results computed before are forgotten, packed constants are not. The arrays are kept, not copied. */
  setInputs(batch: SampleBatch): void {
    this.#batch = batch;
    this.#versions.newInputs();
  }

  /** Codes of the tensors (default: the program's outputs) for samples [from, samples). Throws as `SimulationPool.run` does. */
  run(bytes: Uint8Array, tensors: readonly number[] | undefined, samples: number, from = 0): CodeArray[] {
    const program = this.#open(bytes);
    const wanted = tensors ?? program.outputs;
    const views = wanted.map((tensor) => tensorOf(program, tensor));
    const results = views.map((view) => newCodes(view, samples - from));
    this.#runBlocks(program, wanted, samples, from, (position, block, first) => {
      const { sizeBytes } = views[position]!;
      new Uint8Array(results[position]!.buffer).set(block, (first - from) * sizeBytes);
    });
    return results;
  }

  /** Sums of a tensor's codes over samples [0, samples), by channel: its last axis. Whole numbers. */
  sumChannels(bytes: Uint8Array, tensor: number, channels: number, samples: number): Float64Array<ArrayBuffer> {
    const program = this.#open(bytes);
    const { dtype } = tensorOf(program, tensor);
    const sums = new Float64Array(channels);
    this.#runBlocks(program, [tensor], samples, 0, (_, block) => addChannels(sums, viewCodes(block, dtype)));
    return sums;
  }

  #runBlocks(
    program: ProgramView,
    tensors: readonly number[],
    samples: number,
    from: number,
    deliver: BlockRun['deliver'],
  ): void {
    assert(samples <= this.#batch.samples, `The engine has ${this.#batch.samples} samples, not ${samples}.`);
    const layout = this.#layoutFor(program);
    const { exports } = this.#kernels;
    const versions = this.#versions.update(program, layout.owners.operationInputs, (operation, guess) =>
      exports.constantsEnd(this.#structAddress, operation, guess),
    );
    const wanted = tensors.map((tensor) => ownerOf(layout, tensor));
    const context = { kernels: this.#kernels, programAddress: this.#structAddress, program, layout, versions };
    const { blockSamples } = layout.residency;
    for (let first = from; first < samples; first += blockSamples) {
      const last = Math.min(samples, first + blockSamples);
      runBlock({ ...context, inputs: this.#batch.inputs, wanted, deliver, first, last });
    }
  }

  /** Copies the program into the kernels' memory and has them check it. */
  #open(bytes: Uint8Array): ProgramView {
    const { memory, exports, limitBytes } = this.#kernels;
    if (bytes.length > this.#programCapacityBytes) {
      this.#layout = undefined;
      this.#programCapacityBytes = align(bytes.length + (bytes.length >> 2));
      if (this.#programAddress + this.#programCapacityBytes > limitBytes) {
        this.#programCapacityBytes = 0;
        throw new BitwrightError('USAGE', {
          message: 'the program is larger than the memory budget of a simulation worker',
          seen: `${bytes.length} bytes`,
          allowed: `${limitBytes} bytes`,
          next: 'Raise --memory or use fewer workers.',
        });
      }
      growMemory(memory, this.#programAddress + this.#programCapacityBytes);
    }
    new Uint8Array(memory.buffer).set(bytes, this.#programAddress);
    const status = exports.openProgram(this.#structAddress, this.#programAddress, bytes.length);
    if (status !== 0) throw refusedProgram(status);
    return viewProgram(bytes);
  }

  #layoutFor(program: ProgramView): EngineLayout {
    const sizes = this.#choice === 'fast' ? this.#planFast(program) : program.operations.map(() => undefined);
    const key = layoutKey(program, sizes);
    const before = this.#layout?.key === key ? this.#layout : undefined;
    if (before !== undefined && this.#layoutBatch === this.#batch) return before;
    requireInputs(program, this.#batch);
    const owners = findStorageOwners(program);
    const place = createPlacer(this.#programAddress + this.#programCapacityBytes);
    const tableAddress = place(4 * program.tensors.length);
    const scratchAddress = place(program.scratchBytes);
    const packedAddress = sizes.map((size) => (size === undefined ? -1 : place(size.packedBytes)));
    const workspaceAddress = place(Math.max(...sizes.map((size) => size?.workspaceBytes ?? 0)));
    const residency = planResidency(
      program,
      owners.operationInputs,
      this.#batch.samples,
      place(0),
      this.#kernels.limitBytes,
    );
    growMemory(this.#kernels.memory, residency.endBytes);
    if (before === undefined) this.#versions.reset();
    const packedVersion = before?.fast.packedVersion ?? new Float64Array(program.operations.length);
    this.#layoutBatch = this.#batch;
    this.#layout = {
      ...{ key, owners, residency, tableAddress, scratchAddress },
      fast: { packedAddress, packedVersion, workspaceAddress },
      heldVersion: new Float64Array(program.tensors.length),
      heldFirst: new Float64Array(program.tensors.length),
      heldLast: new Float64Array(program.tensors.length),
    };
    return this.#layout;
  }

  #planFast(program: ProgramView): (FastSizes | undefined)[] {
    const { memory, exports } = this.#kernels;
    return program.operations.map((_, index) => {
      if (exports.planFast(this.#structAddress, index, this.#sizesAddress) === 0) return undefined;
      const [packedBytes, workspaceBytes] = new Uint32Array(memory.buffer, this.#sizesAddress, 2);
      return { packedBytes: packedBytes!, workspaceBytes: workspaceBytes! };
    });
  }
}

interface FastSizes {
  readonly packedBytes: number;
  readonly workspaceBytes: number;
}

/** Hands out aligned addresses one after the other. */
function createPlacer(start: number): (bytes: number) => number {
  let next = align(start);
  return (bytes) => {
    const address = next;
    next = align(next + bytes);
    return address;
  };
}

/** Programs with equal keys have the same tensors and the same operations between them; parameters and constants may differ. */
function layoutKey(program: ProgramView, fast: readonly (FastSizes | undefined)[]): string {
  return [
    ...fast.map((size) => `${size?.packedBytes} ${size?.workspaceBytes}`),
    program.scratchBytes,
    program.inputs,
    program.outputs,
    ...program.tensors.map(({ arenaOffsetBytes, sizeBytes, dtype }) => `${arenaOffsetBytes} ${sizeBytes} ${dtype}`),
    ...program.operations.map(({ opcode, inputs, output }) => `${opcode} ${inputs} ${output}`),
  ].join(';');
}

function requireInputs(program: ProgramView, { samples, inputs }: SampleBatch): void {
  const fits =
    inputs.length === program.inputs.length &&
    program.inputs.every((tensor, port) => {
      const { sizeBytes, dtype } = program.tensors[tensor]!;
      const data = inputs[port]!;
      return data.byteLength === sizeBytes * samples && data.BYTES_PER_ELEMENT === activationBytes[dtype];
    });
  if (fits) return;
  throw new BitwrightError('DATASET_MISMATCH', {
    message: 'the input samples do not fit the inputs of the program',
    where: 'simulator',
    seen: inputs.map((data) => `${data.byteLength} bytes of ${data.BYTES_PER_ELEMENT}-byte codes`).join(', '),
    allowed: program.inputs
      .map((tensor) => `${program.tensors[tensor]!.sizeBytes * samples} bytes of ${program.tensors[tensor]!.dtype}`)
      .join(', '),
  });
}

function tensorOf(program: ProgramView, tensor: number): ProgramView['tensors'][number] {
  const view = program.tensors[tensor];
  if (view !== undefined) return view;
  throw new BitwrightError('USAGE', { message: 'the program has no such tensor', seen: tensor });
}

function ownerOf(layout: EngineLayout, tensor: number): number {
  const owner = layout.owners.owners[tensor] ?? -1;
  if (owner >= 0) return owner;
  throw new BitwrightError('USAGE', { message: 'the program never writes the requested tensor', seen: tensor });
}

function viewCodes({ buffer, byteOffset, byteLength }: Uint8Array<ArrayBuffer>, dtype: ActivationDType): CodeArray {
  const length = byteLength / activationBytes[dtype];
  if (dtype === 'int8') return new Int8Array(buffer, byteOffset, length);
  return dtype === 'int16' ? new Int16Array(buffer, byteOffset, length) : new Int32Array(buffer, byteOffset, length);
}

function newCodes({ sizeBytes, dtype }: ProgramView['tensors'][number], samples: number): CodeArray {
  const elements = (sizeBytes / activationBytes[dtype]) * samples;
  return dtype === 'int8'
    ? new Int8Array(elements)
    : dtype === 'int16'
      ? new Int16Array(elements)
      : new Int32Array(elements);
}
