/**
 * Where tensors lie in the engine's memory. Samples run in blocks small enough for the processor's cache. A resident tensor keeps all
 * its samples, so that a later program need not compute it again; a transient one exists for one block and shares bytes with others.
 * The budget decides how many are resident: the smallest first, since they let the most operations be skipped per byte.
 */
import { BitwrightError } from '../base/errors.ts';
import type { ProgramView } from './program-view.ts';

export interface Residency {
  /** Address of the first sample per tensor, or -1 for transient ones. */
  readonly resident: readonly number[];
  /** Address of the block per tensor, or -1 for those that are resident or unused. */
  readonly transient: readonly number[];
  readonly blockSamples: number;
  readonly endBytes: number;
}

/** Bytes that the inputs and the output of one block's operation should not exceed, to stay in a 2 MiB second-level cache. */
const blockBytes = 1 << 20;
const blockSamplesMax = 64;
const alignmentBytes = 16;
/** Vector loads and stores of fast kernels may reach this far past the end of a tensor. */
const slackBytes = 64;

const align = (bytes: number): number => Math.ceil(bytes / alignmentBytes) * alignmentBytes;

/**
 * @param sources storage owners of each operation's inputs
 * @param samples samples of the batch
 * @param startBytes first free address
 * @param limitBytes end of the budget
 */
export function planResidency(
  program: ProgramView,
  sources: readonly (readonly number[])[],
  samples: number,
  startBytes: number,
  limitBytes: number,
): Residency {
  const written = [...program.inputs, ...program.operations.map(({ output }) => output)];
  const sizeOf = (tensor: number): number => program.tensors[tensor]!.sizeBytes;
  const stepBytes = program.operations.map(
    ({ output }, index) => sizeOf(output) + sources[index]!.reduce((sum, tensor) => sum + sizeOf(tensor), 0),
  );
  const widest = Math.max(1, ...stepBytes);
  let blockSamples = Math.max(1, Math.min(samples, blockSamplesMax, Math.floor(blockBytes / widest)));
  const wholeBytes = (tensor: number): number => align(sizeOf(tensor) * samples + slackBytes);
  const everythingBytes = written.reduce((sum, tensor) => sum + wholeBytes(tensor), 0);
  // Where not all fits, at most a quarter of the budget goes to the tensors of one block.
  const reservable = everythingBytes <= limitBytes - startBytes ? 0 : (limitBytes - startBytes) / 4;
  let reservedBytes = 0;
  for (; reservable > 0; blockSamples = Math.ceil(blockSamples / 2)) {
    reservedBytes = placeTransients(program, sources, new Set(written), blockSamples).bytes;
    if (reservedBytes <= reservable || blockSamples === 1) break;
  }
  const resident = new Array<number>(program.tensors.length).fill(-1);
  const kept: number[] = [];
  let end = startBytes;
  for (const tensor of written.toSorted((a, b) => sizeOf(a) - sizeOf(b))) {
    if (end + wholeBytes(tensor) + reservedBytes > limitBytes) break;
    resident[tensor] = end;
    end += wholeBytes(tensor);
    kept.push(tensor);
  }
  for (;;) {
    const transients = new Set(written.filter((tensor) => resident[tensor] === -1));
    const { offsets, bytes } = placeTransients(program, sources, transients, blockSamples);
    const last = kept.pop();
    if (end + bytes <= limitBytes) {
      const transient = offsets.map((offset) => (offset === -1 ? -1 : end + offset));
      return { resident, transient, blockSamples, endBytes: end + bytes };
    }
    // First fit may need a little more for fewer tensors.
    if (last === undefined) throw tooSmall(end + bytes, limitBytes);
    end = resident[last]!;
    resident[last] = -1;
  }
}

/** First fit over lifetimes within one block. Operation i happens at time i; inputs live from time -1. */
function placeTransients(
  program: ProgramView,
  sources: readonly (readonly number[])[],
  transients: ReadonlySet<number>,
  blockSamples: number,
): { offsets: number[]; bytes: number } {
  const last = new Map<number, number>();
  sources.forEach((tensors, index) => {
    for (const tensor of tensors) last.set(tensor, index);
  });
  const offsets = new Array<number>(program.tensors.length).fill(-1);
  const live: { offset: number; end: number; until: number }[] = [];
  let bytes = 0;
  const place = (tensor: number, time: number): void => {
    if (!transients.has(tensor)) return;
    const size = align(program.tensors[tensor]!.sizeBytes * blockSamples + slackBytes);
    const busy = live.filter(({ until }) => until >= time).sort((a, b) => a.offset - b.offset);
    let offset = 0;
    for (const block of busy) {
      if (block.offset - offset >= size) break;
      offset = Math.max(offset, block.end);
    }
    offsets[tensor] = offset;
    live.push({ offset, end: offset + size, until: last.get(tensor) ?? time });
    bytes = Math.max(bytes, offset + size);
  };
  for (const input of program.inputs) place(input, -1);
  program.operations.forEach(({ output }, index) => {
    place(output, index);
  });
  return { offsets, bytes };
}

function tooSmall(neededBytes: number, limitBytes: number): BitwrightError {
  return new BitwrightError('USAGE', {
    message: 'the simulator does not fit in its memory budget even with one sample at a time',
    where: 'one worker',
    seen: `${Math.ceil(neededBytes / 2 ** 20)} MiB`,
    allowed: `${Math.floor(limitBytes / 2 ** 20)} MiB`,
    next: 'Raise --memory or use fewer workers.',
  });
}
