/** Random operations that only move codes: concat, slice, pad, transpose. */
import { activation, type Draft, type DraftContext, pick } from './random-draft.ts';

/** `name0` to `name3` for four values. */
function numbered(name: string, values: readonly number[]): Record<string, number> {
  return Object.fromEntries(values.map((value, axis) => [`${name}${axis}`, value]));
}

function randomSizes({ random }: DraftContext): number[] {
  return Array.from({ length: 4 }, () => random.integer(1, 5));
}

export function concatDraft(context: DraftContext): Draft {
  const { random } = context;
  const outer = random.integer(1, 6);
  const inner = Array.from({ length: random.integer(1, 7) }, () => random.integer(1, 9));
  const template = activation(context, [1]);
  const total = inner.reduce((sum, count) => sum + count, 0);
  return {
    inputs: inner.map((count) => ({ ...template, shape: [outer, count] })),
    output: { ...template, shape: [outer, total] },
    parameters: {
      outer,
      ...numbered(
        'inner',
        Array.from({ length: 7 }, (_, index) => inner[index] ?? 0),
      ),
    },
    constants: [],
  };
}

export function sliceDraft(context: DraftContext): Draft {
  const { random } = context;
  const input = activation(context, randomSizes(context));
  const axes = input.shape.map((size) => {
    const begin = random.integer(0, size - 1);
    const step = pick(random, [1, 1, 2, -1, -2]);
    const room = step > 0 ? size - begin : begin + 1;
    return { begin, step, output: random.integer(1, Math.ceil(room / Math.abs(step))) };
  });
  const sizes = axes.map((axis) => axis.output);
  return {
    inputs: [input],
    output: { ...input, shape: sizes },
    parameters: {
      ...numbered('inputSize', input.shape),
      ...numbered(
        'begin',
        axes.map((axis) => axis.begin),
      ),
      ...numbered(
        'step',
        axes.map((axis) => axis.step),
      ),
      ...numbered('outputSize', sizes),
    },
    constants: [],
  };
}

export function padDraft(context: DraftContext): Draft {
  const { random } = context;
  const input = activation(context, randomSizes(context));
  const before = input.shape.map(() => random.integer(0, 3));
  const sizes = input.shape.map((size, axis) => size + before[axis]! + random.integer(0, 3));
  return {
    inputs: [input],
    output: { ...input, shape: sizes },
    parameters: {
      ...numbered('inputSize', input.shape),
      ...numbered('before', before),
      ...numbered('outputSize', sizes),
      value: random.integer(input.low, input.high),
    },
    constants: [],
  };
}

export function transposeDraft(context: DraftContext): Draft {
  const { random } = context;
  const input = activation(context, randomSizes(context));
  const axes = [0, 1, 2, 3];
  for (let last = 3; last > 0; last--) {
    const other = random.integer(0, last);
    [axes[last], axes[other]] = [axes[other]!, axes[last]!];
  }
  const shape = axes.map((axis) => input.shape[axis]!);
  return {
    inputs: [input],
    output: { ...input, shape },
    parameters: { ...numbered('inputSize', input.shape), ...numbered('axis', axes) },
    constants: [],
  };
}
