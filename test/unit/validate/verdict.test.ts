/** Judging a made-up validation: gates at their exact border and costs by unit. */
import { expect, test } from 'vitest';
import type { DeviceInfo } from '../../../src/device/device.ts';
import type { Validation } from '../../../src/validate/validate.ts';
import { judge, type Verdict, type VerdictInput } from '../../../src/validate/verdict.ts';

/** 50 samples of two classes, 49 of them right. */
const scores = Int8Array.from({ length: 100 }, (_, index) => (index === 1 ? 9 : index % 2 === 0 ? 5 : 1));
const validation: Validation = {
  samples: 50,
  comparison: { compared: 100, mismatches: 0, maxDifference: 0, first: null },
  layers: { compared: 4, mismatches: 0 },
  firstDivergence: null,
  deviceArenaBytes: 64,
  simulated: scores,
  device: scores,
  cost: { min: 90, max: 100 },
  layerCosts: [],
};

const device: DeviceInfo = {
  id: 'board',
  kind: 'qemu',
  evidence: 'emulator',
  profiles: ['cmsis-nn'],
  programBytesMax: 1,
  arenaBytesMax: 1,
  costUnit: 'instructions',
};

function verdictOf(change: Partial<VerdictInput>): Verdict {
  return judge({
    profile: 'cmsis-nn',
    device,
    link: { baud: 115200, bytes: 10, retries: 2, efficiency: 0.9 },
    validation,
    dataset: { metric: 'top-1', labels: new Int32Array(50), ranking: null },
    floatAccuracy: 0.99,
    arenaBytes: 64,
    programBytes: 100,
    weightBytes: 50,
    model: { name: 'm.onnx', sha256: '00' },
    gates: {},
    seconds: 2,
    ...change,
  });
}

test('a drop of one point keeps a gate of 0.01, whatever binary fractions make of 0.99 - 0.98', () => {
  expect(0.99 - 0.98).toBeGreaterThan(0.01);
  expect(verdictOf({ gates: { maxAccuracyDrop: 0.01 } }).outcome).toBe('pass');
  expect(verdictOf({ gates: { maxAccuracyDrop: 0.0099 } }).outcome).toBe('fail');
});

test('the worst cost is judged, and only in the unit that the device counts', () => {
  expect(verdictOf({ gates: { maxInstructions: 99 } }).outcome).toBe('fail');
  expect(verdictOf({ gates: { maxInstructions: 100 } }).outcome).toBe('pass');
  const cycles = verdictOf({ gates: { maxCycles: 1e9 } });
  expect(cycles.outcome).toBe('fail');
  expect(cycles.gates.at(-1)).toMatchObject({ gate: 'maxCycles', outcome: 'error', seen: null });
});

test('a differing layer fails a run whose outputs are equal', () => {
  const differing = { ...validation, layers: { compared: 4, mismatches: 1 } };
  expect(verdictOf({ validation: differing }).outcome).toBe('fail');
  expect(verdictOf({ validation: differing, gates: { maxMismatches: 1 } }).outcome).toBe('pass');
});

test('a drop without a float accuracy is not a pass', () => {
  expect(verdictOf({ floatAccuracy: null, gates: { maxAccuracyDrop: 1 } }).outcome).toBe('fail');
});

test('link retries are judged', () => {
  expect(verdictOf({ gates: { maxLinkRetries: 1 } }).outcome).toBe('fail');
  expect(verdictOf({ gates: { maxLinkRetries: 2 } }).outcome).toBe('pass');
});
