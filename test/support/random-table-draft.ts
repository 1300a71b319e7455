/** Random operations with tables or indices, and products of activations: resize, gather, arg max, matrix product, prelu. */
import { bitsFromFloat } from '../../src/arithmetic/rounding.ts';
import type { ProgramConstant } from '../../src/graph/integer-program.ts';
import {
  activation,
  adversarialCodes,
  chance,
  clampWords,
  type Draft,
  type DraftContext,
  type DraftTensor,
  pick,
  randomEncoded,
  weightConstant,
} from './random-draft.ts';

/** An index table of one axis: a source per output, or two sources and a weight in 1/2048. */
function indexTable(
  { random }: DraftContext,
  name: string,
  mode: number,
  outputs: number,
  size: number,
): ProgramConstant {
  const entry = (): number[] => {
    const first = random.integer(0, size - 1);
    if (mode === 0) return [first];
    const weight = pick(random, [0, 512, 1024, 1536, 2048, random.integer(0, 2048)]);
    return [first, Math.min(size - 1, first + 1), weight];
  };
  return { name, packing: 'int32', data: Int32Array.from(Array.from({ length: outputs }, entry).flat()) };
}

export function resizeDraft(context: DraftContext): Draft {
  const { random } = context;
  const size = (): number => random.integer(1, 7);
  const [inputHeight, inputWidth, outputHeight, outputWidth] = [size(), size(), size(), size()];
  const channels = random.integer(1, 5);
  const mode = random.integer(0, 1);
  const input = activation(context, [1, inputHeight, inputWidth, channels]);
  const output = { ...input, shape: [1, outputHeight, outputWidth, channels] };
  return {
    inputs: [input],
    output,
    parameters: {
      ...{ inputHeight, inputWidth, channels, outputHeight, outputWidth, mode },
      rowIndex: 0,
      columnIndex: 1,
      zeroPoint: input.zeroPoint,
      ...clampWords(context, output),
    },
    constants: [
      indexTable(context, 'rowIndex', mode, outputHeight, inputHeight),
      indexTable(context, 'columnIndex', mode, outputWidth, inputWidth),
    ],
  };
}

function indices(shape: readonly number[], rows: number): DraftTensor {
  return { dtype: 'int32', shape, bits: 32, zeroPoint: 0, low: 0, high: rows - 1 };
}

export function gatherDraft(context: DraftContext): Draft {
  const { random } = context;
  const [count, rows, width] = [random.integer(1, 12), random.integer(1, 20), random.integer(1, 9)];
  const constants: ProgramConstant[] = [];
  const words = weightConstant(context, 'table', rows * width, constants);
  const output = activation({ ...context, activationBits: 8 }, [count, width]);
  return { inputs: [indices([1, count], rows)], output, parameters: { count, rows, width, ...words }, constants };
}

export function argMaxDraft(context: DraftContext): Draft {
  const { random } = context;
  const [rows, depth] = [random.integer(1, 6), random.integer(1, 30)];
  const input = activation(context, [rows, depth]);
  return { inputs: [input], output: indices([1, rows], depth), parameters: { rows, depth }, constants: [] };
}

export function matMulDraft(context: DraftContext): Draft {
  const { random, activationBits } = context;
  const size = (): number => random.integer(1, 6);
  const [batch, rows, columns] = [random.integer(1, 3), size(), size()];
  const depth = random.integer(1, chance(random, 0.2) ? 60 : 9);
  // Two 16-bit operands: codes small enough that 32-bit accumulators do not wrap.
  const input = (shape: readonly number[]): DraftTensor => {
    const tensor = activation(context, shape);
    return activationBits === 16 ? { ...tensor, low: -4000, high: 4000 } : tensor;
  };
  const [a, b] = [input([batch, rows, depth]), input([batch, depth, columns])];
  const output = activation(context, [batch, rows, columns]);
  const magnitude = (a.high * b.high * Math.sqrt(depth)) / 2;
  return {
    inputs: [a, b],
    output,
    parameters: {
      ...{ batch, rows, depth, columns },
      input1ZeroPoint: a.zeroPoint,
      input2ZeroPoint: b.zeroPoint,
      outputZeroPoint: output.zeroPoint,
      ...randomEncoded(context, magnitude),
      ...clampWords(context, output),
    },
    constants: [],
  };
}

export function preluDraft(context: DraftContext): Draft {
  const { random, activationBits } = context;
  const input2Elements = random.integer(1, 20);
  const elements = input2Elements * random.integer(1, 4);
  const input = activation(context, [1, elements]);
  const output = activation(context, [1, elements]);
  const float = context.rule.id === 'float32';
  const positive = randomEncoded(context, 2 ** (activationBits - 1));
  const negative = randomEncoded(context, float ? 2 ** 7 : 2 ** (activationBits + 6));
  return {
    inputs: [input],
    output,
    parameters: {
      ...{ elements, input2Elements },
      inputZeroPoint: input.zeroPoint,
      slopeZeroPoint: chance(random, 0.5) ? 0 : random.integer(-128, 127),
      outputZeroPoint: output.zeroPoint,
      positiveMultiplier: positive.multiplier,
      positiveShift: positive.shift,
      negativeMultiplier: negative.multiplier,
      negativeShift: negative.shift,
      outputMultiplier: float ? bitsFromFloat(0.1 + random.next()) : 0,
      ...clampWords(context, output),
      slope: 0,
    },
    constants: [
      { name: 'slope', packing: 'int8', data: Int8Array.from(adversarialCodes(random, input2Elements, -128, 127)) },
    ],
  };
}
