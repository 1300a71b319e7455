/**
 * A dense layer that is nothing but its epilogue: one input, so that channel c sees bias[c] + w[c] * (x - zeroPoint) for all 256 codes x.
 * Multipliers and shifts go to the edges of what each rule allows, and biases to where results change from one code to the next.
 */
import type { RuleId } from '../../../src/arithmetic/rule.ts';
import type { Random } from '../../../src/base/random.ts';
import type { IntegerProgram, ProgramTensor } from '../../../src/graph/integer-program.ts';
import { pick } from '../../support/random-draft.ts';
import { profileOfVectorRule } from './layer-program.ts';

interface ChannelScale {
  readonly multiplier: number;
  readonly shift: number;
  /** The accumulator that stands for one output code. */
  readonly codeStep: number;
}

const words = new DataView(new ArrayBuffer(4));

function floatBits(value: number): number {
  words.setFloat32(0, value);
  return words.getInt32(0);
}

/** Right shifts around `center`; one time in ten anywhere. */
function channelScale(rule: RuleId, random: Random, center: number, spread: number): ChannelScale {
  const right =
    random.next() < 0.1 ? random.integer(0, 31) : Math.max(-1, Math.min(31, center + random.integer(-spread, spread)));
  const fraction = pick(random, [2 ** 30, 2 ** 30 + 1, 2 ** 31 - 1, random.integer(2 ** 30, 2 ** 31 - 1), 0]);
  switch (rule) {
    case 'float32': {
      const scale = Math.fround(2 ** -right * (1 + random.next()));
      return { multiplier: floatBits(scale), shift: 0, codeStep: 1 / scale };
    }
    case 'multiply-shift-floor': {
      const multiplier = pick(random, [fraction, -fraction, random.integer(1, 32767)]);
      const shift = -Math.min(63, Math.max(0, right) + random.integer(0, 33));
      return { multiplier, shift, codeStep: 2 ** -shift / Math.max(1, Math.abs(multiplier)) };
    }
    case 'shift-half-up':
    case 'shift-half-even':
      return { multiplier: 0, shift: -Math.max(0, right), codeStep: 2 ** right };
    default: {
      const shift = random.next() < 0.02 ? random.integer(1, 5) : -right;
      return { multiplier: fraction, shift, codeStep: 2 ** (31 - shift) / Math.max(1, fraction) };
    }
  }
}

/** The layer for `outputs` channels; panels of eight channels share a range of shifts, so that most take a vector path. */
export function epilogueProgram(rule: RuleId, random: Random, outputs: number): IntegerProgram {
  const channels: (ChannelScale & { readonly bias: number })[] = [];
  for (let channel = 0, center = 0, spread = 0; channel < outputs; channel++) {
    if (channel % 8 === 0) {
      center = random.integer(-1, 22);
      spread = pick(random, [0, 1, 1, 3, 3, 12]);
    }
    const scale = channelScale(rule, random, center, spread);
    const code = pick(random, [-130, -128, -1, 0, 1, 127, 130, random.integer(-300, 300)]);
    const edge = (code + pick(random, [0, 0.5])) * scale.codeStep;
    const limit = pick(random, [2 ** 20, 2 ** 29, 2 ** 31 - 40_000]);
    channels.push({ ...scale, bias: Math.round(Math.max(-limit, Math.min(limit, edge))) + random.integer(-200, 200) });
  }
  const zeroPoints = [pick(random, [0, -128, 127]), pick(random, [0, -128, 127, random.integer(-128, 127)])] as const;
  const tensor = (name: string, size: number, zeroPoint: number, arenaOffsetBytes: number): ProgramTensor => ({
    ...{ name, dtype: 'int8', shape: [1, size], scale: 1, zeroPoint, bits: 8, qMin: -128, qMax: 127 },
    arenaOffsetBytes,
  });
  const clampMin = pick(random, [-128, -128, random.integer(-128, 127)]);
  const parameters = {
    ...{ rows: 1, inputs: 1, outputs, weightZeroPoint: 0, weightBits: 8, channelStep: 1 },
    ...{
      inputZeroPoint: zeroPoints[0],
      outputZeroPoint: zeroPoints[1],
      clampMin,
      clampMax: random.integer(clampMin, 127),
    },
    ...{ weights: 0, bias: 1, multiplier: 2, shift: 3 },
  };
  const align = (bytes: number): number => Math.ceil(bytes / 16) * 16;
  return {
    profile: profileOfVectorRule(rule),
    tensors: [tensor('input', 1, zeroPoints[0], 0), tensor('output', outputs, zeroPoints[1], 16)],
    constants: [
      { name: 'weights', packing: 'int8', data: Int8Array.from(channels, () => pick(random, [1, 1, -1, 127, -128])) },
      { name: 'bias', packing: 'int32', data: Int32Array.from(channels, ({ bias }) => bias) },
      { name: 'multiplier', packing: 'int32', data: Int32Array.from(channels, ({ multiplier }) => multiplier) },
      { name: 'shift', packing: 'int32', data: Int32Array.from(channels, ({ shift }) => shift) },
    ],
    operations: [{ kernel: 'fully-connected', name: 'epilogue', rule, inputs: [0], output: 1, parameters, macs: 0 }],
    ...{ inputs: [0], outputs: [1], arenaBytes: 16 + align(outputs) + 16, scratchBytes: 16 },
  };
}
