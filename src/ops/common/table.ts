/** 256-entry tables: functions of one code, built by the profile's rule, as `lookup` operations. */
import { roundBy } from '../../arithmetic/effective-scale.ts';
import type { NumericProfile, Rounding } from '../../arithmetic/profile.ts';
import { elementCount } from '../../base/tensor.ts';
import type { Node } from '../../graph/graph.ts';
import type { ProgramTensor } from '../../graph/integer-program.ts';
import type { LowerContext } from '../op-definition.ts';
import { profileLacks } from './attributes.ts';

/** One end of an emitted operation: a tensor index and what it holds. */
export interface Endpoint {
  readonly index: number;
  readonly tensor: Omit<ProgramTensor, 'arenaOffsetBytes'>;
}

interface Affine {
  readonly scale: number;
  readonly zeroPoint: number;
}

const tableRounding: Readonly<Record<NumericProfile['table'], Rounding>> = {
  'fixed-point': 'half-away',
  'float-half-away': 'half-away',
  'float-half-even': 'half-even',
  'float-half-up': 'half-up',
};

/**
 * x = f32(scale * (q - zeroPoint)); y = f32(function(x)); code = round(f32(y / scale)) + zeroPoint. LiteRT (`float-half-away`) multiplies
 * by the reciprocal of the scale instead of dividing.
 */
export function floatCode(
  profile: NumericProfile,
  input: Affine,
  output: Affine,
  real: (value: number) => number,
): (code: number) => number {
  const rounding = tableRounding[profile.table];
  const reciprocal = Math.fround(1 / output.scale);
  const units =
    profile.table === 'float-half-away'
      ? (value: number) => value * reciprocal
      : (value: number) => value / output.scale;
  return (code) => {
    const value = Math.fround(real(Math.fround((code - input.zeroPoint) * input.scale)));
    return roundBy(rounding, Math.fround(units(value))) + output.zeroPoint;
  };
}

/** Emits `lookup` with one entry per code; codes outside the input's range repeat its ends. `clamp` narrows the output's range. */
export function emitTable(
  node: Node,
  context: LowerContext,
  input: Endpoint,
  output: Endpoint,
  code: (code: number) => number,
  clamp?: { readonly clampMin: number; readonly clampMax: number },
): void {
  if (input.tensor.dtype !== 'int8' || output.tensor.dtype !== 'int8') {
    throw profileLacks(node, context.profile, 'has no table for 16-bit values', 'Use 8-bit activations here.');
  }
  const low = clamp?.clampMin ?? output.tensor.qMin;
  const high = clamp?.clampMax ?? output.tensor.qMax;
  const table = Int8Array.from({ length: 256 }, (_, index) => {
    const inside = Math.min(Math.max(index - 128, input.tensor.qMin), input.tensor.qMax);
    return Math.min(Math.max(code(inside), low), high);
  });
  context.emit({
    kernel: 'lookup',
    name: node.name,
    rule: context.rule.id,
    inputs: [input.index],
    output: output.index,
    parameters: {
      elements: elementCount(output.tensor.shape),
      table: context.addConstant({ name: `${node.name}.table`, packing: 'int8', data: table }),
    },
    macs: 0,
  });
}
