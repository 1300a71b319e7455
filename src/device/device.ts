/** What can run a packed program and be compared with the simulation: an engine, an emulator or a board. */
import type { CodeArray, SampleBatch } from '../simulate/engine.ts';

export type DeviceEvidence = 'device' | 'emulator' | 'simulator';

/** What a device says of itself when asked; all of it untrusted input when it comes over a link. */
export interface DeviceInfo {
  readonly id: string;
  readonly kind: string;
  readonly evidence: DeviceEvidence;
  /** Profile ids the device implements. */
  readonly profiles: readonly string[];
  /** Largest program and arena that it can hold, bytes; Infinity for host engines. */
  readonly programBytesMax: number;
  readonly arenaBytesMax: number;
  /** Firmware version and clock where there is one. */
  readonly firmware?: string;
  readonly clockHz?: number;
  /** Unit of `cost` figures. */
  readonly costUnit: 'cycles' | 'instructions' | 'nanoseconds' | 'none';
}

export interface LoadedProgram {
  /** Arena bytes as the device computed them from the program; must equal the plan. Null where the device keeps no arena of ours. */
  readonly arenaBytes: number | null;
}

export interface DeviceRun {
  /** One array per program output. */
  readonly outputs: readonly CodeArray[];
  /** Cycles or instructions of this inference; null where the device cannot count. */
  readonly cost: number | null;
}

/** Per-operation evidence of one inference. */
export interface LayerTrace {
  /** CRC-32 of each operation's output bytes, in execution order. */
  readonly checksums: readonly number[];
  readonly costs: readonly (number | null)[];
}

export interface LinkStatistics {
  readonly baud: number | null;
  readonly bytes: number;
  readonly retries: number;
  /** Payload bytes / bytes on the wire. */
  readonly efficiency: number;
}

export interface Device {
  readonly info: DeviceInfo;
  load(program: Uint8Array, onProgress?: (doneBytes: number, totalBytes: number) => void): Promise<LoadedProgram>;
  /** One sample: one physical code array per program input. */
  run(inputs: readonly CodeArray[]): Promise<DeviceRun>;
  /** Many samples in one call, one array per program output; only where a call costs an engine more than a small sample. */
  readonly runBatch?: (batch: SampleBatch) => Promise<readonly CodeArray[]>;
  /** As `run`, with a checksum and cost per operation. */
  trace(inputs: readonly CodeArray[]): Promise<LayerTrace>;
  /** Runs up to and including an operation and returns its output codes; finds the first differing element. */
  readOperation(inputs: readonly CodeArray[], operation: number): Promise<CodeArray>;
  readonly link: LinkStatistics | null;
  close(): Promise<void>;
}

/** A family of devices: one file in src/device/devices or transports. `match` parses the DEVICE argument of the command line. */
export interface DeviceProvider {
  /** `simulator`, `pico-emulator`, `qemu`, `serial`, ... */
  readonly kind: string;
  /** Usage line for `bitwright devices`. */
  readonly usage: string;
  /** Whether it can be used here, and if not, what is missing and how to get it. */
  probe(): Promise<{ readonly available: boolean; readonly detail: string }>;
  /** Opens; `argument` is what follows the colon (`qemu:BOARD`), '' if nothing. */
  open(argument: string, options: DeviceOpenOptions): Promise<Device>;
}

export interface DeviceOpenOptions {
  /** Host files for devices that need more than program.bin (onnxruntime runs model.onnx). */
  readonly outFolder?: string;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}
