/** Random convolutions and pools: paddings beyond half the kernel, dilation, strides, groups, odd channel counts. */
import { bitsFromFloat } from '../../src/arithmetic/rounding.ts';
import type { Random } from '../../src/base/random.ts';
import type { ProgramConstant } from '../../src/graph/integer-program.ts';
import {
  activation,
  biasConstant,
  chance,
  clampWords,
  type Draft,
  type DraftContext,
  type DraftTensor,
  pick,
  scaleConstants,
  weightConstant,
} from './random-draft.ts';

interface Axis {
  readonly input: number;
  readonly output: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly pad: number;
}

function randomAxis(random: Random): Axis {
  for (;;) {
    const input = random.integer(1, 9);
    const kernel = pick(random, [1, 2, 3, 3, 3, 4]);
    const dilation = chance(random, 0.7) ? 1 : random.integer(2, 3);
    const reach = (kernel - 1) * dilation + 1;
    const [pad, padAfter] = [random.integer(0, reach), random.integer(0, reach)];
    const stride = random.integer(1, 3);
    const output = Math.floor((input + pad + padAfter - reach) / stride) + 1;
    if (output >= 1) return { input, output, kernel, stride, dilation, pad };
  }
}

function windowWords(rows: Axis, columns: Axis) {
  return {
    inputHeight: rows.input,
    inputWidth: columns.input,
    outputHeight: rows.output,
    outputWidth: columns.output,
    kernelHeight: rows.kernel,
    kernelWidth: columns.kernel,
    strideHeight: rows.stride,
    strideWidth: columns.stride,
    dilationHeight: rows.dilation,
    dilationWidth: columns.dilation,
    padTop: rows.pad,
    padLeft: columns.pad,
  };
}

/** Largest product of one tap, for choosing scales. */
function productMagnitude({ activationBits, weightBits }: DraftContext): number {
  return 2 ** (activationBits - 1) * 2 ** (weightBits - 1);
}

function filterDraft(
  context: DraftContext,
  [rows, columns]: readonly [Axis, Axis],
  [inputChannels, outputChannels]: readonly [number, number],
  filterSize: number,
  words: Record<string, number>,
): Draft {
  const constants: ProgramConstant[] = [];
  const input = activation(context, [1, rows.input, columns.input, inputChannels]);
  const output = activation(context, [1, rows.output, columns.output, outputChannels]);
  const magnitude = (productMagnitude(context) * Math.sqrt(filterSize)) / 2;
  const parameters = {
    ...windowWords(rows, columns),
    inputChannels,
    outputChannels,
    ...words,
    inputZeroPoint: input.zeroPoint,
    outputZeroPoint: output.zeroPoint,
    ...clampWords(context, output),
    ...weightConstant(context, 'weights', filterSize * outputChannels, constants),
    bias: biasConstant(context, outputChannels, magnitude, constants),
    ...scaleConstants(context, outputChannels, magnitude, constants),
  };
  return { inputs: [input], output, parameters, constants };
}

export function convDraft(context: DraftContext): Draft {
  const { random } = context;
  const groups = chance(random, 0.7) ? 1 : random.integer(2, 3);
  const [rows, columns] = [randomAxis(random), randomAxis(random)];
  const perGroup = random.integer(1, chance(random, 0.2) ? 37 : 7);
  const outputChannels = groups * random.integer(1, 5);
  const filterSize = rows.kernel * columns.kernel * perGroup;
  return filterDraft(context, [rows, columns], [groups * perGroup, outputChannels], filterSize, { groups });
}

export function depthwiseConvDraft(context: DraftContext): Draft {
  const { random } = context;
  const [rows, columns] = [randomAxis(random), randomAxis(random)];
  const inputChannels = random.integer(1, chance(random, 0.2) ? 37 : 7);
  const channelMultiplier = chance(random, 0.7) ? 1 : random.integer(2, 3);
  const channels = [inputChannels, inputChannels * channelMultiplier] as const;
  return filterDraft(context, [rows, columns], channels, rows.kernel * columns.kernel, { channelMultiplier });
}

/** Stride and kernel of a transposed convolution enlarge: the roles of input and output sizes are swapped. */
export function convTransposeDraft(context: DraftContext): Draft {
  const { random } = context;
  const swap = (axis: Axis): Axis => {
    const output = (axis.input - 1) * axis.stride + (axis.kernel - 1) * axis.dilation + 1 - axis.pad;
    return output >= 1 ? { ...axis, output } : { ...axis, output: output + axis.pad, pad: 0 };
  };
  const groups = chance(random, 0.7) ? 1 : 2;
  const [rows, columns] = [swap(randomAxis(random)), swap(randomAxis(random))];
  const perGroup = random.integer(1, 5);
  const outputChannels = groups * random.integer(1, 4);
  const filterSize = rows.kernel * columns.kernel * perGroup;
  return filterDraft(context, [rows, columns], [groups * perGroup, outputChannels], filterSize, { groups });
}

/** A pool's output keeps scale and zero point of its input. */
function poolDraft(context: DraftContext, words: (input: DraftTensor) => Record<string, number>): Draft {
  const { random } = context;
  const [rows, columns] = [randomAxis(random), randomAxis(random)];
  const channels = random.integer(1, 9);
  const input = activation(context, [1, rows.input, columns.input, channels]);
  const output = { ...input, shape: [1, rows.output, columns.output, channels] };
  const parameters = { ...windowWords(rows, columns), channels, ...words(input), ...clampWords(context, output) };
  return { inputs: [input], output, parameters, constants: [] };
}

export const maxPoolDraft = (context: DraftContext): Draft => poolDraft(context, () => ({}));

/** The word `method` that the profile of each rule uses; TFLite's integer form elsewhere. */
const averageMethods: Readonly<Record<string, number>> = {
  'multiply-shift-floor': 1,
  float32: 2,
  'shift-half-even': 3,
  'shift-half-up': 4,
};

export function averagePoolDraft(context: DraftContext): Draft {
  const { random } = context;
  const method = averageMethods[context.rule.id] ?? 0;
  const inputScale = chance(random, 0.4) ? 0.25 : 0.01 + random.next();
  const ratio = pick(random, [1, 2, 0.5, 0.3 + random.next()]);
  return poolDraft(context, (input) => ({
    countIncludePad: random.integer(0, 1),
    method,
    inputZeroPoint: input.zeroPoint,
    outputZeroPoint: input.zeroPoint,
    inputMultiplier: method >= 2 ? bitsFromFloat(inputScale) : 0,
    outputMultiplier: method >= 2 ? bitsFromFloat(inputScale * ratio) : 0,
  }));
}
