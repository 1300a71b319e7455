/**
 * The space that a joint search moves in: one coordinate per group of activations and one per weighted layer, each the logarithm of a
 * factor on the steps that the search started from. A point becomes a plan; entries are kept so that what did not move stays the same
 * object and is neither lowered nor simulated again.
 */
import type { ActivationQuantization, QuantizationPlan, WeightQuantization } from '../graph/quantization-plan.ts';
import type { SweepCoordinate } from './coordinate-sweep.ts';

/** Something with a scale: makes its plan entry for a factor on its starting step. */
export interface ScalePart<Entry> {
  readonly name: string;
  /** Absent: this part does not take part in the search. */
  readonly range?: { readonly low: number; readonly high: number; readonly smallest: number };
  entry(factor: number): Entry;
}

export interface ActivationPart extends ScalePart<ActivationQuantization> {
  /** All values of the group. */
  readonly values: readonly string[];
}

export type WeightPart = ScalePart<WeightQuantization>;

export interface ScaleSpace {
  readonly coordinates: readonly SweepCoordinate[];
  /** Where nothing has moved: all coordinates 0. */
  readonly origin: readonly number[];
  planAt(theta: readonly number[]): QuantizationPlan;
}

/** `parts` in forward order, which is the order of the coordinates. */
export function createScaleSpace(parts: readonly (ActivationPart | WeightPart)[]): ScaleSpace {
  const moving = parts.flatMap((part) => (part.range === undefined ? [] : [{ part, range: part.range }]));
  const position = new Map(moving.map(({ part }, index) => [part, index]));
  const entryOf = new Map(parts.map((part) => [part, keepEntries<ActivationQuantization | WeightQuantization>(part)]));
  return {
    coordinates: moving.map(({ part, range }) => ({ name: part.name, ...range })),
    origin: moving.map(() => 0),
    planAt(theta) {
      const activations = new Map<string, ActivationQuantization>();
      const weights = new Map<string, WeightQuantization>();
      for (const part of parts) {
        const index = position.get(part);
        const entry = entryOf.get(part)?.(index === undefined ? 0 : theta[index]);
        if ('values' in part) for (const value of part.values) activations.set(value, entry as ActivationQuantization);
        else weights.set(part.name, entry as WeightQuantization);
      }
      return { activations, weights };
    },
  };
}

const entriesKept = 6;

/** A search returns to points it has seen a moment ago. */
function keepEntries<Entry>(part: ScalePart<Entry>): (theta: number) => Entry {
  const kept: { theta: number; entry: Entry }[] = [];
  return (theta) => {
    const at = kept.findIndex((candidate) => candidate.theta === theta);
    const found = at < 0 ? { theta, entry: part.entry(Math.exp(theta)) } : kept.splice(at, 1)[0];
    kept.unshift(found);
    kept.length = Math.min(kept.length, entriesKept);
    return found.entry;
  };
}
