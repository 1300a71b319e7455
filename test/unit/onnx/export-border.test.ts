/** The float border of exported models, their shape for readers (operators, int4 weights), other profiles, and devices that must refuse. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { getProfile } from '../../../src/arithmetic/registry.ts';
import { BitwrightError } from '../../../src/base/errors.ts';
import { seededRandom } from '../../../src/base/random.ts';
import { floatTensor } from '../../../src/base/tensor.ts';
import { createFloatEngine } from '../../../src/calibrate/float-engine.ts';
import { provider } from '../../../src/device/devices/onnxruntime-node.ts';
import type { QuantizationPlan } from '../../../src/graph/quantization-plan.ts';
import { lower } from '../../../src/lower/lower.ts';
import { decodeModel, encodeModel, int64ToNumber } from '../../../src/onnx/model-proto.ts';
import { exportOnnx, isOnnxExact } from '../../../src/package/onnx-export.ts';
import { pack } from '../../../src/package/pack.ts';
import { dequantizeSamples, quantizeSamples } from '../../../src/simulate/quantize-samples.ts';
import { runReference } from '../../../src/simulate/reference-engine.ts';
import { rangePlan, runFloatGraph, smallNetwork } from '../../support/small-network.ts';

const seed = 11;
const graph = smallNetwork(seed);
const random = seededRandom(seed);
const image = floatTensor(
  [1, 3, 7, 5],
  Float32Array.from({ length: 105 }, () => random.next()),
);
const folder = mkdtempSync(join(tmpdir(), 'bitwright-border-'));
afterAll(() => rmSync(folder, { recursive: true }));

function exported(
  profileId: string,
  weightBits: number,
  change: (plan: QuantizationPlan) => QuantizationPlan = (plan) => plan,
) {
  const profile = getProfile(profileId);
  const plan = change(rangePlan(graph, [runFloatGraph(graph, image)], weightBits));
  const program = lower(graph, plan, profile);
  return { profile, plan, program, bytes: exportOnnx(graph, plan, program) };
}

/** Activations of four bits: codes in [-8, 7] on scales 17 times as large. */
function narrowed(plan: QuantizationPlan): QuantizationPlan {
  const activations = [...plan.activations].map(([name, entry]) => {
    const zeroPoint = Math.min(Math.max(Math.round((entry.zeroPoint + 128) / 17) - 8, -8), 7);
    return [name, { bits: 4, scale: Math.fround(entry.scale * 17), zeroPoint, qMin: -8, qMax: 7 }] as const;
  });
  return { ...plan, activations: new Map(activations) };
}

async function runModel(bytes: Uint8Array) {
  const engine = await createFloatEngine(bytes, { threads: 1 });
  const results = await engine.run([image]);
  await engine.close();
  return results;
}

test.each([
  ['8-bit', (plan: QuantizationPlan) => plan],
  ['4-bit', narrowed],
])('float in, codes and float out, %s activations', async (_name, change) => {
  const { profile, program, bytes } = exported('onnxruntime', 4, change);
  const input = quantizeSamples(
    [{ tensor: program.tensors[program.inputs[0]!]!, samples: image }],
    profile.quantizeInput,
  );
  const [codes] = runReference(program, [input.inputs[0]!]);
  const results = await runModel(bytes);
  expect([...results.keys()]).toEqual(['soft.out', 'dense.out_quantized']);
  expect([...results.get('dense.out_quantized')!.data]).toEqual([...codes!]);
  const logits = dequantizeSamples(codes!, program.tensors[program.outputs[0]!]!, 1).data;
  const powers = Array.from(logits, (value) => Math.exp(Number(value)));
  const total = powers.reduce((sum, power) => sum + power, 0);
  const soft = results.get('soft.out')!.data;
  powers.forEach((power, index) => {
    expect(soft[index]).toBeCloseTo(power / total, 5);
  });
});

test('weights of four bits are int4 initializers; the operators are integer ones', () => {
  const { bytes } = exported('onnxruntime', 4);
  const model = decodeModel(bytes, 'model.onnx');
  expect(model.opsetImport.map(({ domain, version }) => [domain, int64ToNumber(version!)])).toEqual([
    ['', 21],
    ['com.microsoft', 1],
  ]);
  const { graph: proto } = model;
  const int4 = proto!.initializer.filter(({ dataType }) => dataType === 22);
  expect(int4.map(({ name }) => name)).toEqual([
    'stem/weights/int4',
    'spatial/weights/int4',
    'mix/weights/int4',
    'dense/weights/int4',
  ]);
  // 6 * 3 * 3 * 3 codes, two in a byte.
  expect(int4[0]!.rawData!.length).toBe(81);
  const types = proto!.node.map(({ opType }) => opType);
  expect(types.filter((type) => type === 'QLinearConv')).toHaveLength(4);
  expect(types.filter((type) => type === 'QGemm')).toHaveLength(1);
  expect(types).not.toContain('Conv');
});

test.each(['cmsis-nn', 'tflite-single', 'tflm-reference'])(
  '%s: the nearest ONNX form stays within two codes',
  async (profileId) => {
    const { profile, program, bytes } = exported(profileId, 8);
    const input = quantizeSamples(
      [{ tensor: program.tensors[program.inputs[0]!]!, samples: image }],
      profile.quantizeInput,
    );
    const [codes] = runReference(program, [input.inputs[0]!]);
    const results = await runModel(bytes);
    const last = program.tensors[program.outputs[0]!]!.name;
    const answered = results.get(`${last}_quantized`)!.data;
    const worst = Array.from(codes!, (code, index) => Math.abs(code - Number(answered[index])));
    expect(worst.reduce((most, value) => Math.max(most, value), 0)).toBeLessThanOrEqual(2);
    expect(isOnnxExact(profileId)).toBe(false);
  },
);

test('the device refuses a foreign program, a model that bitwright did not write, and a missing one', async () => {
  const { program, bytes } = exported('onnxruntime', 4);
  const failure = (action: Promise<unknown>): Promise<string> =>
    action.then(
      () => 'nothing thrown',
      (error) => (error instanceof BitwrightError ? `${error.code} ${error.message}` : `${error}`),
    );
  expect(await failure(provider.open('', { outFolder: folder }))).toMatch(/DEVICE_UNAVAILABLE.*no model\.onnx/);
  expect(await failure(provider.open('', {}))).toMatch(/DEVICE_UNAVAILABLE/);
  writeFileSync(join(folder, 'model.onnx'), bytes);
  expect(await failure(provider.open('fastest', { outFolder: folder }))).toMatch(
    /DEVICE_UNKNOWN.*disabled, basic, extended, all/,
  );
  const device = await provider.open('', { outFolder: folder });
  const other = pack(exported('onnxruntime', 8).program);
  expect(await failure(device.load(other))).toMatch(/DEVICE_MISMATCH.*program\.bin/);
  await device.load(pack(program));
  expect(await failure(device.run([new Int8Array(3)]))).toMatch(/DATASET_MISMATCH/);
  await device.close();
  const model = decodeModel(bytes, 'model.onnx');
  for (const value of [
    '',
    '{}',
    '[',
    '{"schema":"bitwright-onnx/1","profile":"x","programCrc":1,"inputs":[{}],"outputs":[],"operations":[]}',
  ]) {
    writeFileSync(join(folder, 'model.onnx'), encodeModel({ ...model, metadataProps: [{ key: 'bitwright', value }] }));
    expect(await failure(provider.open('', { outFolder: folder }))).toMatch(/ARTIFACT_INVALID/);
  }
  writeFileSync(join(folder, 'model.onnx'), bytes.subarray(0, 100));
  expect(await failure(provider.open('', { outFolder: folder }))).toMatch(/MODEL_INVALID/);
});
