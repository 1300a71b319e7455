/**
 * Proves a device against the simulation: every output element of every sample, and the checksum of every layer on the first ones.
 * The simulation runs the same program.bin in the host's kernels; it is the prediction that the device must equal bit for bit.
 */
import { assert, BitwrightError } from '../base/errors.ts';
import type { Device, DeviceRun } from '../device/device.ts';
import type { CodeArray, SampleBatch, SimulationPool } from '../simulate/engine.ts';
import { type Comparison, compareCodes, emptyComparison, mergeComparisons } from './compare.ts';
import {
  codeChecksum,
  type Divergence,
  type Explain,
  findFirstDivergence,
  type OperationOutline,
} from './first-divergence.ts';

/** The package under test, as far as a comparison needs it. */
export interface Subject {
  readonly program: Uint8Array;
  /** Profile id. */
  readonly profile: string;
  /** Planned bytes; the device must come to the same number. */
  readonly arenaBytes: number;
  readonly operations: readonly OperationOutline[];
}

export interface ValidationOptions {
  /** Samples to compare, from the first one; at least 1. */
  readonly samples: number;
  /** Samples whose layers are compared by checksum. */
  readonly tracedSamples: number;
  /** Quantized inputs of samples [start, start + count). */
  readonly read: (start: number, count: number) => Promise<SampleBatch>;
  readonly onProgress?: (doneSamples: number, totalSamples: number) => void;
  readonly onPush?: (doneBytes: number, totalBytes: number) => void;
  /** What would explain an operation's codes, given the predicted codes of its inputs. */
  readonly explain?: (operation: number, inputs: readonly CodeArray[], actual: CodeArray) => readonly string[];
  readonly signal?: AbortSignal | undefined;
}

export interface Validation {
  readonly samples: number;
  readonly comparison: Comparison;
  /** Layer checksums compared, and how many differed. */
  readonly layers: { readonly compared: number; readonly mismatches: number };
  readonly firstDivergence: Divergence | null;
  readonly deviceArenaBytes: number | null;
  /** First program output of every sample, sample after sample. */
  readonly simulated: CodeArray;
  readonly device: CodeArray;
  /** Lowest and highest cost of an inference in the device's unit; null where it cannot count. */
  readonly cost: { readonly min: number; readonly max: number } | null;
  /** Cost of each operation on the first traced sample. */
  readonly layerCosts: readonly (number | null)[];
}

/** What grows while samples run. */
interface Progress {
  comparison: Comparison;
  layers: { compared: number; mismatches: number };
  firstDivergence: Divergence | null;
  layerCosts: readonly (number | null)[];
  readonly simulated: CodeArray[];
  readonly device: CodeArray[];
  cost: Validation['cost'];
}

/** Samples that are simulated together; bounds memory. */
const sliceSamples = 64;

/** Throws DEVICE_MISMATCH where the device cannot hold or does not implement the program; a differing bit is a result, not an error. */
export async function validate(
  subject: Subject,
  device: Device,
  simulator: SimulationPool,
  options: ValidationOptions,
): Promise<Validation> {
  assert(options.samples > 0, 'A validation needs at least one sample.');
  requireFit(subject, device);
  const { arenaBytes: deviceArenaBytes } = await device.load(subject.program, options.onPush);
  requireEqualArena(subject, deviceArenaBytes);
  const progress: Progress = {
    comparison: emptyComparison,
    layers: { compared: 0, mismatches: 0 },
    firstDivergence: null,
    layerCosts: [],
    simulated: [],
    device: [],
    cost: null,
  };
  for (let start = 0; start < options.samples; start += sliceSamples) {
    const batch = await options.read(start, Math.min(sliceSamples, options.samples - start));
    await simulator.setInputs(batch);
    const predicted = await simulator.run(subject.program);
    const answered = await device.runBatch?.(batch);
    for (let offset = 0; offset < batch.samples; offset++) {
      options.signal?.throwIfAborted();
      const expected = predicted.map((codes) => sampleOf(codes, offset, batch.samples));
      const inputs = batch.inputs.map((codes) => sampleOf(codes, offset, batch.samples));
      const run = answered && {
        outputs: answered.map((codes) => sampleOf(codes, offset, batch.samples)),
        cost: null,
      };
      const differs = compareSample(run ?? (await device.run(inputs)), expected, start + offset, progress);
      if (start + offset < options.tracedSamples || (differs && progress.firstDivergence === null)) {
        await checkLayers(subject, device, simulator, inputs, start + offset, differs, progress, options.explain);
      }
      options.onProgress?.(start + offset + 1, options.samples);
    }
  }
  const { simulated, device: answered, ...rest } = progress;
  return {
    samples: options.samples,
    deviceArenaBytes,
    simulated: concatenate(simulated),
    device: concatenate(answered),
    ...rest,
  };
}

/** Whether any output element of one inference differs. */
function compareSample(
  { outputs, cost }: DeviceRun,
  expected: readonly CodeArray[],
  sample: number,
  progress: Progress,
): boolean {
  if (outputs.length !== expected.length) {
    throw new BitwrightError('DEVICE_MISMATCH', {
      message: 'the device answered another number of outputs than the program has',
      where: `sample ${sample}`,
      seen: outputs.length,
      allowed: expected.length,
    });
  }
  const compared = mergeComparisons(
    expected.map((codes, port) => compareCodes(codes, outputs[port]!, `sample ${sample}, output ${port}`)),
  );
  progress.comparison = mergeComparisons([progress.comparison, compared]);
  progress.simulated.push(expected[0]!);
  progress.device.push(outputs[0]!);
  if (cost !== null) {
    const { min, max } = progress.cost ?? { min: cost, max: cost };
    progress.cost = { min: Math.min(min, cost), max: Math.max(max, cost) };
  }
  return compared.mismatches > 0;
}

async function checkLayers(
  subject: Subject,
  device: Device,
  simulator: SimulationPool,
  inputs: readonly CodeArray[],
  sample: number,
  outputsDiffer: boolean,
  progress: Progress,
  explainer: ValidationOptions['explain'],
): Promise<void> {
  await simulator.setInputs({ samples: 1, inputs });
  const tensors = subject.operations.map((operation) => operation.output);
  const predicted = await simulator.run(subject.program, { tensors });
  const trace = await device.trace(inputs);
  const explain: Explain = async (operation, actual) => {
    if (explainer === undefined) return [];
    const given = await simulator.run(subject.program, { tensors: subject.operations[operation]!.inputs });
    return explainer(operation, given, actual);
  };
  const { operations } = subject;
  const found = await findFirstDivergence(device, operations, predicted, inputs, sample, outputsDiffer, trace, explain);
  progress.firstDivergence ??= found;
  progress.layers.compared += predicted.length;
  progress.layers.mismatches += predicted.filter(
    (codes, index) => codeChecksum(codes) !== trace.checksums[index],
  ).length;
  if (progress.layerCosts.length === 0) progress.layerCosts = trace.costs;
}

function requireFit(subject: Subject, device: Device): void {
  const { id, profiles, programBytesMax, arenaBytesMax } = device.info;
  const refuse = (message: string, seen: string | number, allowed: string | number, next: string): never => {
    throw new BitwrightError('DEVICE_MISMATCH', { message, where: `device ${id}`, seen, allowed, next });
  };
  if (!profiles.includes(subject.profile)) {
    const next = 'Quantize for a target of one of these profiles, or use another device.';
    refuse('does not implement the numeric profile of the program', subject.profile, profiles.join(', '), next);
  }
  const smaller = 'Use a board with more memory, or a smaller model.';
  if (subject.program.length > programBytesMax) {
    refuse('cannot hold the program', `${subject.program.length} bytes`, `${programBytesMax} bytes`, smaller);
  }
  if (subject.arenaBytes > arenaBytesMax) {
    refuse('cannot hold the arena', `${subject.arenaBytes} bytes`, `${arenaBytesMax} bytes`, smaller);
  }
}

function requireEqualArena(subject: Subject, deviceArenaBytes: number | null): void {
  if (deviceArenaBytes === null || deviceArenaBytes === subject.arenaBytes) return;
  throw new BitwrightError('DEVICE_MISMATCH', {
    message: 'the device computed another arena size than the plan',
    seen: deviceArenaBytes,
    allowed: subject.arenaBytes,
    next: 'The firmware is of another version than the host; update it.',
  });
}

/** The codes of one sample out of a batch. */
export function sampleOf<T extends CodeArray>(codes: T, sample: number, samples: number): T {
  const elements = codes.length / samples;
  return codes.slice(sample * elements, (sample + 1) * elements) as T;
}

function concatenate(parts: readonly CodeArray[]): CodeArray {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const joined = new (parts[0]!.constructor as new (length: number) => CodeArray)(length);
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
