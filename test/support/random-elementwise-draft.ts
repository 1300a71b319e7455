/** Random operations that work element by element or on rows: sums, products, requantization, dense layers, tables, softmax. */
import { bitsFromFloat } from '../../src/arithmetic/rounding.ts';
import type { EncodedScale } from '../../src/arithmetic/rule.ts';
import type { ProgramConstant } from '../../src/graph/integer-program.ts';
import {
  activation,
  adversarialCodes,
  biasConstant,
  chance,
  clampWords,
  type Draft,
  type DraftContext,
  pick,
  randomEncoded,
  scaleConstants,
  weightConstant,
} from './random-draft.ts';

/** Sizes of two operands; the second repeats. */
function operandSizes({ random }: DraftContext): { elements: number; input2Elements: number } {
  const input2Elements = random.integer(1, 40);
  return { elements: input2Elements * pick(random, [1, 1, 2, 5]), input2Elements };
}

function floatScale({ random }: DraftContext): number {
  return bitsFromFloat(pick(random, [0.5, 0.25, 0.1, 0.02, 2 ** -random.integer(0, 9), 0.001 + random.next()]));
}

function prefixed(prefix: string, encoded: EncodedScale): Record<string, number> {
  return { [`${prefix}Multiplier`]: encoded.multiplier, [`${prefix}Shift`]: encoded.shift };
}

function addWords(context: DraftContext): Record<string, number> {
  const { random, rule, activationBits } = context;
  const none = { multiplier: 0, shift: 0 };
  switch (rule.id) {
    case 'float32': {
      const word = (name: string) => prefixed(name, { multiplier: floatScale(context), shift: 0 });
      return { leftShift: 0, ...word('input1'), ...word('input2'), ...word('output') };
    }
    case 'shift-half-up':
    case 'shift-half-even':
      return {
        leftShift: 0,
        ...prefixed('input1', none),
        ...prefixed('input2', none),
        ...prefixed('output', rule.encode(pick(random, [1, 1, 0.5, 2, 0.25]))),
      };
    case 'multiply-shift-floor': {
      const factor = () => ({ multiplier: random.integer(1, 32767), shift: 0 });
      return {
        leftShift: 0,
        ...prefixed('input1', factor()),
        ...prefixed('input2', factor()),
        ...prefixed('output', { multiplier: 1, shift: -random.integer(8, 16) }),
      };
    }
    default: {
      const leftShift = activationBits === 16 ? 15 : 20;
      const [s1, s2] = [0.01 + random.next(), 0.01 + random.next()];
      const twice = 2 * Math.max(s1, s2);
      const output = twice / (2 ** leftShift * (0.2 + random.next()) * Math.max(s1, s2) * 2);
      return {
        leftShift,
        ...prefixed('input1', rule.encode(s1 / twice)),
        ...prefixed('input2', rule.encode(s2 / twice)),
        ...prefixed('output', rule.encode(output)),
      };
    }
  }
}

export function addDraft(context: DraftContext): Draft {
  const sizes = operandSizes(context);
  const input1 = activation(context, [1, sizes.elements]);
  const input2 = activation(context, [1, sizes.input2Elements]);
  const output = activation(context, [1, sizes.elements]);
  const parameters = {
    ...sizes,
    subtract: context.random.integer(0, 1),
    input1ZeroPoint: input1.zeroPoint,
    input2ZeroPoint: input2.zeroPoint,
    outputZeroPoint: output.zeroPoint,
    ...addWords(context),
    ...clampWords(context, output),
  };
  return { inputs: [input1, input2], output, parameters, constants: [] };
}

export function mulDraft(context: DraftContext): Draft {
  const sizes = operandSizes(context);
  const float = context.rule.id === 'float32';
  const input1 = activation(context, [1, sizes.elements]);
  const input2 = activation(context, [1, sizes.input2Elements]);
  const output = activation(context, [1, sizes.elements]);
  const scale = float
    ? { multiplier: floatScale(context), shift: 0 }
    : randomEncoded(context, 4 ** (context.activationBits - 1));
  const parameters = {
    ...sizes,
    input1ZeroPoint: input1.zeroPoint,
    input2ZeroPoint: input2.zeroPoint,
    input1Multiplier: float ? floatScale(context) : 0,
    input2Multiplier: float ? floatScale(context) : 0,
    outputZeroPoint: output.zeroPoint,
    ...prefixed('output', scale),
    ...clampWords(context, output),
  };
  return { inputs: [input1, input2], output, parameters, constants: [] };
}

export function requantizeDraft(context: DraftContext): Draft {
  const elements = context.random.integer(1, 90);
  const input = activation(context, [1, elements]);
  const output = activation(context, [1, elements]);
  const parameters = {
    elements,
    inputZeroPoint: input.zeroPoint,
    outputZeroPoint: output.zeroPoint,
    ...randomEncoded(context, 2 ** (context.activationBits - 1)),
    ...clampWords(context, output),
  };
  return { inputs: [input], output, parameters, constants: [] };
}

export function globalAveragePoolDraft(context: DraftContext): Draft {
  const { random, activationBits } = context;
  const positions = random.integer(1, chance(random, 0.2) ? 200 : 20);
  const channels = random.integer(1, 17);
  const input = activation(context, [1, positions, 1, channels]);
  const output = activation(context, [1, 1, 1, channels]);
  const parameters = {
    positions,
    channels,
    inputZeroPoint: input.zeroPoint,
    outputZeroPoint: output.zeroPoint,
    ...randomEncoded(context, 2 ** (activationBits - 1) * positions),
    ...clampWords(context, output),
  };
  return { inputs: [input], output, parameters, constants: [] };
}

export function fullyConnectedDraft(context: DraftContext): Draft {
  const { random, activationBits, weightBits } = context;
  const rows = chance(random, 0.6) ? 1 : random.integer(2, 4);
  const [inputs, outputs] = [random.integer(1, chance(random, 0.2) ? 150 : 20), random.integer(1, 9)];
  const constants: ProgramConstant[] = [];
  const input = activation(context, [rows, inputs]);
  const output = activation(context, [rows, outputs]);
  const magnitude = (2 ** (activationBits + weightBits - 2) * Math.sqrt(inputs)) / 2;
  const parameters = {
    rows,
    inputs,
    outputs,
    weightZeroPoint: chance(random, 0.8) ? 0 : random.integer(-128, 127),
    inputZeroPoint: input.zeroPoint,
    outputZeroPoint: output.zeroPoint,
    ...clampWords(context, output),
    ...weightConstant(context, 'weights', inputs * outputs, constants),
    bias: biasConstant(context, outputs, magnitude, constants),
    ...scaleConstants(context, outputs, magnitude, constants),
  };
  return { inputs: [input], output, parameters, constants };
}

export function lookupDraft(context: DraftContext): Draft {
  const elements = context.random.integer(1, 90);
  const input = activation(context, [1, elements]);
  const table = Int8Array.from(adversarialCodes(context.random, 256, -128, 127));
  return {
    inputs: [input],
    output: { ...input, bits: 8, low: -128, high: 127 },
    parameters: { elements, table: 0 },
    constants: [{ name: 'table', packing: 'int8', data: table }],
  };
}

/** Words as TFLite prepares them: scale * 2^26 as a multiplier greater than one. */
export function softmaxDraft(context: DraftContext): Draft {
  const { random } = context;
  const [rows, depth] = [random.integer(1, 4), random.integer(1, chance(random, 0.2) ? 700 : 12)];
  const input = { ...activation(context, [rows, depth]), zeroPoint: 0 };
  const scale = pick(random, [1 / 256, 0.1, 0.5, 1, 2, 0.01 + random.next()]);
  const leftShift = Math.floor(Math.log2(scale * 2 ** 26)) + 1;
  const inputMultiplier = Math.min(2147483647, Math.round((scale * 2 ** 26 * 2 ** 31) / 2 ** leftShift));
  const diffMin = -Math.floor((31 * 2 ** 26) / 2 ** leftShift);
  return {
    inputs: [input],
    output: { ...input, bits: 8, zeroPoint: -128, low: -128, high: 127 },
    parameters: { rows, depth, inputMultiplier, inputLeftShift: leftShift, diffMin },
    constants: [],
  };
}
