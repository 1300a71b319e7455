/** Gate files: every refusal, the borders, and that what was not measured never passes. */
import { expect, test } from 'vitest';
import { judgeGates, type Measurements, parseGates } from '../../../src/validate/gates.ts';

const measured: Measurements = {
  mismatches: 0,
  accuracy: 0.98,
  accuracyDrop: 0.01,
  arenaBytes: 1024,
  programBytes: 2048,
  weightBytes: 512,
  cycles: 1000,
  instructions: null,
  linkRetries: null,
};

test('a gate file is read', () => {
  const text = '{"schema": "bitwright-gates/1", "maxMismatches": 0, "minAccuracy": 0.9}';
  expect(parseGates(text, 'g.json')).toEqual({ maxMismatches: 0, minAccuracy: 0.9 });
});

test('all problems of a gate file are reported at once', () => {
  const text =
    '{"schema": "x", "maxMismatch": 0, "minAccuracy": 98, "maxArenaBytes": 1.5, "maxCycles": "many", "toString": 1}';
  expect(() => parseGates(text, 'g.json')).toThrow(
    /another schema[\s\S]*maxMismatch: is no gate[\s\S]*minAccuracy[\s\S]*maxArenaBytes[\s\S]*maxCycles[\s\S]*toString: is no gate/,
  );
});

test.each(['', '[]', 'null', '3', '{"schema":'])('%j is no gate file', (text) => {
  expect(() => parseGates(text, 'g.json')).toThrow(/g\.json/);
});

test('limits include their border', () => {
  const gates = { maxAccuracyDrop: 0.01, minAccuracy: 0.98, maxArenaBytes: 1024 };
  expect(judgeGates(gates, measured).map((result) => result.outcome)).toEqual(['pass', 'pass', 'pass']);
});

test('a step beyond the border fails and says what was seen', () => {
  const [drop, arena] = judgeGates({ maxArenaBytes: 1023, maxAccuracyDrop: 0.0099 }, measured);
  expect(drop).toMatchObject({ gate: 'maxAccuracyDrop', outcome: 'fail' });
  expect(arena).toMatchObject({ outcome: 'fail', seen: 1024, message: 'arenaBytes is 1024, at most 1023 allowed' });
});

test('what could not be measured is an error, never a pass', () => {
  const [instructions, retries] = judgeGates({ maxInstructions: 10, maxLinkRetries: 0 }, measured);
  expect(instructions).toMatchObject({ outcome: 'error', seen: null });
  expect(retries!.message).toContain('no link');
});
