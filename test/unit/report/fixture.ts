/** A made-up package and verdict with hostile names, small enough to check by eye. */
import type { IntegerProgram, ProgramTensor } from '../../../src/graph/integer-program.ts';
import type { ReportData } from '../../../src/report/report-data.ts';
import type { Verdict } from '../../../src/validate/verdict.ts';

export const hostileName = '<script>alert("x")</script>|`*';

const tensor = (name: string, shape: number[], arenaOffsetBytes: number): ProgramTensor => ({
  name,
  dtype: 'int8',
  shape,
  scale: 0.5,
  zeroPoint: -3,
  bits: 8,
  qMin: -128,
  qMax: 127,
  arenaOffsetBytes,
});

/** input (64 B at 0) -> conv -> a (32 B at 64) -> view b of a -> dense -> c (16 B at 0), and a's bytes stay until then. */
export const program: IntegerProgram = {
  profile: 'cmsis-nn',
  tensors: [
    tensor('image', [1, 8, 8, 1], 0),
    tensor(hostileName, [1, 4, 4, 2], 64),
    tensor('flat', [1, 32], 64),
    tensor('scores', [1, 10], 0),
  ],
  constants: [],
  operations: [
    { kernel: 'conv', name: hostileName, rule: 'double', inputs: [0], output: 1, parameters: {}, macs: 1200 },
    { kernel: 'fully-connected', name: 'dense', rule: 'double', inputs: [2], output: 3, parameters: {}, macs: 320 },
  ],
  inputs: [0],
  outputs: [3],
  arenaBytes: 112,
  scratchBytes: 16,
};

export const verdict: Verdict = {
  schemaVersion: 1,
  outcome: 'fail',
  profile: 'cmsis-nn',
  device: { id: 'pico-emulator', kind: 'pico-emulator', evidence: 'emulator', firmware: '1', clockHz: 125e6 },
  samples: 20,
  compared: 200,
  mismatches: 3,
  maxDifference: 2,
  layers: { compared: 4, mismatches: 1 },
  firstDivergence: {
    layer: hostileName,
    op: 'conv',
    index: 7,
    expected: -4,
    actual: -3,
    sample: 11,
    operation: 0,
    elements: 32,
    mismatches: 2,
    note: null,
    explanations: ['matches the profile tflite-single (rule single)'],
  },
  accuracy: { metric: 'top-1', float: 0.9921, simulated: 0.985, device: null },
  memory: { arenaBytes: 112, deviceArenaBytes: 112, programBytes: 20480, weightBytes: 1234 },
  cost: { unit: 'cycles', min: 2500000, max: 2500000 },
  link: { baud: 115200, bytes: 31415, retries: 0, efficiency: 0.91 },
  model: { sha256: 'ab12', quantized: false },
  gates: [
    { gate: 'maxMismatches', limit: 0, seen: 4, outcome: 'fail', message: 'mismatches is 4, at most 0 allowed' },
    { gate: 'minAccuracy', limit: 0.9, seen: null, outcome: 'error', message: 'minAccuracy cannot be judged' },
    {
      gate: 'maxArenaBytes',
      limit: 200,
      seen: 112,
      outcome: 'pass',
      message: 'arenaBytes is 112, at most 200 allowed',
    },
  ],
  seconds: 12.3456,
};

export const reportData: ReportData = {
  manifest: {
    schema: 'bitwright-package/1',
    bitwright: '0.1.0',
    target: 'rp2040-pico',
    profile: { id: 'cmsis-nn', version: 1 },
    model: { name: hostileName, sha256: 'ab12' },
    options: { method: 'lapq', weights: 4 },
    inputs: [],
    outputs: [],
    memory: { arenaBytes: 112, scratchBytes: 16, programBytes: 20480, weightBytes: 1234 },
    macs: 1520,
    operations: program.operations.map(({ name, kernel, macs }) => ({ name, kernel, macs })),
    quantization: {},
    onnxBitExact: true,
    files: { 'program.bin': { bytes: 20480, sha256: 'cd34' } },
    environment: { node: 'v20' },
  },
  tables: {
    schema: 'bitwright-tables/1',
    profile: 'cmsis-nn',
    activations: program.tensors.map(
      ({ name, dtype, shape, bits, scale, zeroPoint, qMin, qMax, arenaOffsetBytes }) => ({
        kind: 'activation',
        name,
        dtype,
        shape,
        bits,
        scale,
        zeroPoint,
        qMin,
        qMax,
        arenaOffsetBytes,
      }),
    ),
    weights: [
      {
        kind: 'weights',
        name: hostileName,
        kernel: 'conv',
        elements: 18,
        bits: 4,
        axis: 0,
        scales: [0.125, 0.25],
        zeroPoint: 0,
        multiplier: [1073741824, 1073741824],
        shift: [-2, -1],
        accumulator: null,
        effectiveScale: [0.125, 0.25],
      },
    ],
  },
  program,
  search: {
    objective: 'KL divergence',
    steps: [
      { phase: 'exponent', detail: 'p = 2', loss: 0.5 },
      { phase: 'exponent', detail: 'p = 3', loss: 0.4 },
      { phase: 'joint', detail: 'sweep 1', loss: Number.NaN },
      { phase: 'joint', detail: 'sweep 2', loss: 0.2 },
    ],
  },
  verdict,
  layerCosts: { unit: 'cycles', costs: [2400000, 100000] },
  confusion: {
    matrix: [
      [9, 1],
      [0, 10],
    ],
  },
  quantized: { metric: 'top-1', float: 0.99, quantized: 0.98 },
};
