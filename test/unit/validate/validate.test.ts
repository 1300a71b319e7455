/** The comparison loop against a made-up device and simulator whose right answers are written down here, not computed. */
import { expect, test } from 'vitest';
import type { Device, DeviceInfo } from '../../../src/device/device.ts';
import type { CodeArray, SimulationPool } from '../../../src/simulate/engine.ts';
import { codeChecksum } from '../../../src/validate/first-divergence.ts';
import { type Subject, type ValidationOptions, validate } from '../../../src/validate/validate.ts';
import { judge } from '../../../src/validate/verdict.ts';

/** Two operations: double (tensor 1), then add one (tensor 2, the output). */
const subject: Subject = {
  program: new Uint8Array(64),
  profile: 'cmsis-nn',
  arenaBytes: 32,
  operations: [
    { name: 'double', kernel: 'mul', inputs: [0], output: 1 },
    { name: 'plus', kernel: 'add', inputs: [1], output: 2 },
  ],
};

const double = (input: CodeArray): Int8Array<ArrayBuffer> => Int8Array.from(input, (value) => 2 * value);
const plusOne = (input: CodeArray): Int8Array<ArrayBuffer> => Int8Array.from(input, (value) => value + 1);

function fakeSimulator(): SimulationPool {
  let input: CodeArray = new Int8Array(0);
  return {
    workers: 1,
    setInputs: async (batch) => {
      input = batch.inputs[0]!;
    },
    run: async (_program, options) => {
      const tensors = [input, double(input), plusOne(double(input))];
      return (options?.tensors ?? [2]).map((index) => tensors[index]!);
    },
    sumChannels: async () => new Float64Array(0),
    close: async () => {},
  };
}

interface Fault {
  readonly doubleError?: (sample: CodeArray) => boolean;
  readonly outputError?: boolean;
  readonly info?: Partial<DeviceInfo>;
  readonly arenaBytes?: number;
}

function fakeDevice(fault: Fault = {}): Device {
  const first = (input: CodeArray): Int8Array<ArrayBuffer> => {
    const codes = double(input);
    if (fault.doubleError?.(input) === true) codes[1]! += 3;
    return codes;
  };
  const info: DeviceInfo = {
    id: 'fake',
    kind: 'fake',
    evidence: 'emulator',
    profiles: ['cmsis-nn'],
    programBytesMax: 4096,
    arenaBytesMax: 4096,
    costUnit: 'cycles',
    ...fault.info,
  };
  return {
    info,
    link: null,
    load: async () => ({ arenaBytes: fault.arenaBytes ?? 32 }),
    run: async ([input]) => {
      const output = plusOne(first(input!));
      if (fault.outputError === true) output[0]! ^= 1;
      return { outputs: [output], cost: 100 + input![0]! };
    },
    trace: async ([input]) => ({
      checksums: [codeChecksum(first(input!)), codeChecksum(plusOne(first(input!)))],
      costs: [60, 40],
    }),
    readOperation: async ([input], operation) => (operation === 0 ? first(input!) : plusOne(first(input!))),
    close: async () => {},
  };
}

const samples = 70;
const options: ValidationOptions = {
  samples,
  tracedSamples: 1,
  read: async (start, count) => ({
    samples: count,
    inputs: [Int8Array.from({ length: 2 * count }, (_, index) => (start + (index >> 1)) % 60)],
  }),
};

test('an equal device passes over all slices', async () => {
  const seen: number[] = [];
  const result = await validate(subject, fakeDevice(), fakeSimulator(), {
    ...options,
    onProgress: (done) => seen.push(done),
  });
  expect(result.comparison).toEqual({ compared: 140, mismatches: 0, maxDifference: 0, first: null });
  expect(result.layers).toEqual({ compared: 2, mismatches: 0 });
  expect(result.firstDivergence).toBeNull();
  expect(result.cost).toEqual({ min: 100, max: 159 });
  expect(result.layerCosts).toEqual([60, 40]);
  expect(result.device).toEqual(result.simulated);
  expect([...result.device.slice(-2)]).toEqual([19, 19]);
  expect(seen).toHaveLength(samples);
});

test('a wrong element in the second slice is traced to its layer and index', async () => {
  const device = fakeDevice({ doubleError: (sample) => sample[0] === 5 });
  const { comparison, firstDivergence, layers } = await validate(subject, device, fakeSimulator(), {
    ...options,
    explain: (operation, inputs, actual) => [`operation ${operation} given ${inputs[0]} got ${actual}`],
  });
  expect(comparison).toMatchObject({ compared: 140, mismatches: 2, maxDifference: 3 });
  expect(firstDivergence).toEqual({
    layer: 'double',
    op: 'mul',
    index: 1,
    expected: 10,
    actual: 13,
    sample: 5,
    operation: 0,
    elements: 2,
    mismatches: 1,
    note: null,
    explanations: ['operation 0 given 5,5 got 10,13'],
  });
  expect(layers).toEqual({ compared: 4, mismatches: 2 });
});

test('a device that takes many samples at once answers the same', async () => {
  const single = fakeDevice({ doubleError: (sample) => sample[0] === 5 });
  const sizes: number[] = [];
  const many: Device = {
    ...single,
    run: async () => {
      throw new Error('batches are for this device');
    },
    runBatch: async (batch) => {
      sizes.push(batch.samples);
      const codes = plusOne(double(batch.inputs[0]!));
      // The same fault as above: the second element of the samples that hold 5, here 5 and 65.
      codes.forEach((code, index) => {
        if (index % 2 === 1 && code === 11) codes[index] = 14;
      });
      return [codes];
    },
  };
  const { comparison, firstDivergence, cost, device } = await validate(subject, many, fakeSimulator(), options);
  expect(sizes).toEqual([64, 6]);
  expect(comparison).toMatchObject({ compared: 140, mismatches: 2, maxDifference: 3 });
  expect(firstDivergence).toMatchObject({ layer: 'double', index: 1, sample: 5 });
  expect(cost).toBeNull();
  expect([...device.slice(10, 12)]).toEqual([11, 14]);
});

test('a difference that the layers do not show is reported as not repeatable', async () => {
  const { firstDivergence, comparison } = await validate(
    subject,
    fakeDevice({ outputError: true }),
    fakeSimulator(),
    options,
  );
  expect(comparison.mismatches).toBe(samples);
  expect(firstDivergence).toMatchObject({ layer: 'plus', index: null, sample: 0 });
  expect(firstDivergence!.note).toContain('not repeatable');
});

test.each<[Fault, RegExp]>([
  [{ info: { profiles: ['onnxruntime'] } }, /numeric profile.*seen cmsis-nn, allowed onnxruntime/],
  [{ info: { programBytesMax: 63 } }, /cannot hold the program.*64 bytes.*63 bytes/],
  [{ info: { arenaBytesMax: 16 } }, /cannot hold the arena/],
  [{ arenaBytes: 48 }, /another arena size than the plan.*seen 48, allowed 32/],
])('a device that does not fit is refused: %j', async (fault, message) => {
  const attempt = validate(subject, fakeDevice(fault), fakeSimulator(), options);
  await expect(attempt).rejects.toMatchObject({ code: 'DEVICE_MISMATCH', message: expect.stringMatching(message) });
});

test('an abort ends the run between samples', async () => {
  const stop = new AbortController();
  const onProgress = (done: number): void => {
    if (done === 3) stop.abort(new Error('stopped'));
  };
  const attempt = validate(subject, fakeDevice(), fakeSimulator(), { ...options, onProgress, signal: stop.signal });
  await expect(attempt).rejects.toThrow('stopped');
});

test('the verdict has what its readers are promised, and one mismatch fails it', async () => {
  const labels = Int32Array.from({ length: samples }, () => 0);
  const run = async (fault: Fault): Promise<ReturnType<typeof judge>> => {
    const device = fakeDevice(fault);
    const validation = await validate(subject, device, fakeSimulator(), options);
    return judge({
      profile: subject.profile,
      device: device.info,
      link: null,
      validation,
      dataset: { metric: 'top-1', labels, ranking: null },
      floatAccuracy: 1,
      arenaBytes: 32,
      programBytes: 64,
      weightBytes: 8,
      model: { name: 'm.onnx', sha256: 'ab' },
      gates: { maxAccuracyDrop: 0 },
      seconds: 1,
    });
  };
  const good = await run({});
  expect(good).toMatchObject({
    schemaVersion: 1,
    outcome: 'pass',
    profile: 'cmsis-nn',
    device: { id: 'fake', kind: 'fake', evidence: 'emulator' },
    compared: 140,
    mismatches: 0,
    maxDifference: 0,
    firstDivergence: null,
    accuracy: { metric: 'top-1', float: 1, simulated: 1, device: 1 },
    memory: { arenaBytes: 32, deviceArenaBytes: 32, programBytes: 64, weightBytes: 8 },
    cost: { unit: 'cycles', min: 100, max: 159 },
    model: { sha256: 'ab', quantized: false },
  });
  expect(JSON.parse(JSON.stringify(good))).toEqual(good);
  // Element 1 of samples 5 and 65 grows, so their argmax moves from the label.
  const bad = await run({ doubleError: (sample) => sample[0] === 5 });
  expect(bad.outcome).toBe('fail');
  expect(bad.accuracy.device).toBeCloseTo(68 / 70, 12);
  expect(bad.gates.map((gate) => gate.outcome)).toEqual(['fail', 'fail']);
});
