/**
 * Places every activation tensor in one arena. Lifetimes are exact (operations run in order), sizes are exact, and the placement is
 * greedy: the best of several orders, each tensor at the lowest offset free during its lifetime.
 */
import { assert } from '../base/errors.ts';

export const arenaAlignmentBytes = 16;

/** One block of storage; views share their source's block. `first` and `last` are operation indices, -1 before the first one. */
export interface Lifetime {
  readonly sizeBytes: number;
  readonly first: number;
  readonly last: number;
}

export interface MemoryPlan {
  /** Offset of each block, in the order given; multiples of 16. */
  readonly offsetsBytes: readonly number[];
  /** Arena bytes without scratch, a multiple of 16. */
  readonly arenaBytes: number;
}

/** Rounds up to the arena's alignment. */
export function alignBytes(bytes: number): number {
  return Math.ceil(bytes / arenaAlignmentBytes) * arenaAlignmentBytes;
}

/** The lowest bound any plan can reach: the largest sum of live blocks at one operation. */
export function peakLiveBytes(lifetimes: readonly Lifetime[]): number {
  const last = lifetimes.reduce((most, block) => Math.max(most, block.last), 0);
  let peak = 0;
  for (let step = -1; step <= last; step++) {
    let live = 0;
    for (const block of lifetimes) if (block.first <= step && step <= block.last) live += alignBytes(block.sizeBytes);
    peak = Math.max(peak, live);
  }
  return peak;
}

const orders: readonly ((a: Lifetime, b: Lifetime) => number)[] = [
  (a, b) => b.sizeBytes - a.sizeBytes || a.first - b.first,
  (a, b) => b.sizeBytes * (b.last - b.first + 1) - a.sizeBytes * (a.last - a.first + 1) || a.first - b.first,
  (a, b) => a.first - b.first || b.sizeBytes - a.sizeBytes,
  (a, b) => b.last - b.first - (a.last - a.first) || b.sizeBytes - a.sizeBytes,
];

export function planMemory(lifetimes: readonly Lifetime[]): MemoryPlan {
  const bound = peakLiveBytes(lifetimes);
  let best: MemoryPlan | undefined;
  for (const order of orders) {
    const plan = placeInOrder(lifetimes, order);
    if (best === undefined || plan.arenaBytes < best.arenaBytes) best = plan;
    if (best.arenaBytes === bound) break;
  }
  assert(best !== undefined, 'A memory plan needs at least one order.');
  return best;
}

function placeInOrder(lifetimes: readonly Lifetime[], order: (a: Lifetime, b: Lifetime) => number): MemoryPlan {
  const indices = lifetimes.map((_, index) => index).sort((a, b) => order(lifetimes[a]!, lifetimes[b]!) || a - b);
  const offsetsBytes = new Array<number>(lifetimes.length).fill(0);
  const placed: number[] = [];
  let arenaBytes = 0;
  for (const index of indices) {
    const block = lifetimes[index]!;
    const neighbours = placed
      .filter((other) => lifetimes[other]!.first <= block.last && block.first <= lifetimes[other]!.last)
      .sort((a, b) => offsetsBytes[a]! - offsetsBytes[b]!);
    let offset = 0;
    for (const other of neighbours) {
      if (offsetsBytes[other]! >= offset + alignBytes(block.sizeBytes)) break;
      offset = Math.max(offset, offsetsBytes[other]! + alignBytes(lifetimes[other]!.sizeBytes));
    }
    offsetsBytes[index] = offset;
    arenaBytes = Math.max(arenaBytes, offset + alignBytes(block.sizeBytes));
    placed.push(index);
  }
  return { offsetsBytes, arenaBytes };
}
