/** Every profile passes its schema; unknown keys, wrong values and contradictions are refused with the field. */
import { expect, it } from 'vitest';
import { validateProfile } from '../../../src/arithmetic/profile-schema.ts';
import { allProfiles, getProfile, getRule, profileByCode } from '../../../src/arithmetic/registry.ts';
import { BitwrightError } from '../../../src/base/errors.ts';

const fields = (value: unknown): (string | undefined)[] => {
  try {
    validateProfile(value, 'p');
  } catch (error) {
    if (error instanceof BitwrightError) return error.issues.map((issue) => issue.where);
    throw error;
  }
  return [];
};

it('has the eight profiles with the codes of the blob format', () => {
  const codes = allProfiles.map(({ id, code }) => `${code} ${id}`);
  expect(codes).toEqual([
    '1 cmsis-nn',
    '2 tflm-reference',
    '3 tflite-single',
    '4 onnxruntime',
    '5 esp-dl-s3',
    '6 esp-dl-p4',
    '7 pulp-nn',
    '8 int16x8',
  ]);
  for (const profile of allProfiles) {
    expect(fields(profile)).toEqual([]);
    expect(profileByCode(profile.code)).toBe(getProfile(profile.id));
    expect(getRule(profile.requantize).id).toBe(profile.requantize);
  }
  expect(() => profileByCode(99)).toThrow(/cmsis-nn \(1\)/);
});

it('refuses unknown keys, missing keys and unknown values', () => {
  const { softmax: _, ...rest } = getProfile('cmsis-nn');
  const broken = { ...rest, speed: 'fast', weight: { ...rest.weight, bits: [4, 8], sign: 1 }, table: 'float' };
  expect(fields(broken).sort()).toEqual(['p.softmax', 'p.speed', 'p.table', 'p.weight.bits', 'p.weight.sign']);
  expect(fields(null)).toEqual(['p']);
});

it('refuses settings that contradict each other', () => {
  const base = getProfile('cmsis-nn');
  expect(fields({ ...base, requantize: 'shift-half-up' })).toEqual(['p.requantize']);
  expect(fields({ ...base, requantize: 'float32' })).toEqual(['p.add', 'p.mul']);
  expect(fields({ ...base, activation: { ...base.activation, bits: [16] } })).toEqual(['p.activation.native']);
  expect(fields({ ...base, bias: { bits: 20 } })).toEqual(['p.bias.bits']);
});
