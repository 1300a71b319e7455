/** Models that are quantized already: their own scales and codes become the plan, and the program answers as onnxruntime does with the model. */
import { expect, test } from 'vitest';
import { getProfile } from '../../../src/arithmetic/registry.ts';
import { BitwrightError } from '../../../src/base/errors.ts';
import { seededRandom } from '../../../src/base/random.ts';
import { floatTensor, type Tensor } from '../../../src/base/tensor.ts';
import { createFloatEngine } from '../../../src/calibrate/float-engine.ts';
import { givenPlan } from '../../../src/lower/given-plan.ts';
import { lower } from '../../../src/lower/lower.ts';
import { importOnnx, importQuantizedOnnx } from '../../../src/onnx/import-onnx.ts';
import { createOnnxBuilder, floatScalar, type OnnxBuilder } from '../../../src/onnx/onnx-builder.ts';
import { exportOnnx } from '../../../src/package/onnx-export.ts';
import { rewrite } from '../../../src/rewrites/rewrite.ts';
import { quantizeSamples } from '../../../src/simulate/quantize-samples.ts';
import { runReference } from '../../../src/simulate/reference-engine.ts';
import { rangePlan, runFloatGraph, smallNetwork } from '../../support/small-network.ts';

const random = seededRandom(3);

function compile(bytes: Uint8Array, profileId: string) {
  const profile = getProfile(profileId);
  const { graph, notes } = importQuantizedOnnx(bytes);
  const given = givenPlan(rewrite(graph), notes, profile);
  return { ...given, profile, program: lower(given.graph, given.plan, profile) };
}

const failure = (action: () => unknown): string => {
  try {
    action();
  } catch (error) {
    return error instanceof BitwrightError ? `${error.code}\n${error.message}` : `${error}`;
  }
  return 'nothing thrown';
};

function quantizationPair(b: OnnxBuilder, value: string, scale: number, zeroPoint: Tensor): string {
  const s = b.constant(`${value}/s`, floatScalar(scale));
  const z = b.constant(`${value}/z`, zeroPoint);
  b.node('QuantizeLinear', [value, s, z], [`${value}/q`], { name: `${value}/Q` });
  b.node('DequantizeLinear', [`${value}/q`, s, z], [`${value}/dq`], { name: `${value}/DQ` });
  return `${value}/dq`;
}

const u8 = (code: number): Tensor => ({ dtype: 'uint8', shape: [], data: Uint8Array.of(code) });
const i8 = (code: number): Tensor => ({ dtype: 'int8', shape: [], data: Int8Array.of(code) });

function weightCodes(shape: number[]): Tensor {
  return {
    dtype: 'int8',
    shape,
    data: Int8Array.from({ length: shape.reduce((a, c) => a * c, 1) }, () => random.integer(-127, 127)),
  };
}

/** Conv and Relu, a pool, a dense layer: uint8 activations, int8 weights per channel and per tensor, float bias and int32 bias. */
function qdqModel(outputScale = 0.11): Uint8Array {
  const b = createOnnxBuilder();
  b.input('x', 'float32', ['N', 2, 6, 6]);
  const x = quantizationPair(b, 'x', 0.02, u8(100));
  b.constant('w/s', { dtype: 'float32', shape: [3], data: Float32Array.of(0.01, 0.004, 0.02) });
  b.constant('w/z', { dtype: 'int8', shape: [3], data: new Int8Array(3) });
  b.node('DequantizeLinear', [b.constant('w', weightCodes([3, 2, 3, 3])), 'w/s', 'w/z'], ['w/dq'], {
    name: 'w/DQ',
    attributes: { axis: { int: 0 } },
  });
  const bias = { dtype: 'int32', shape: [3], data: Int32Array.of(300, -2000, 77) } as const;
  b.constant('c/s', { dtype: 'float32', shape: [3], data: Float32Array.of(0.02 * 0.01, 0.02 * 0.004, 0.02 * 0.02) });
  b.node('DequantizeLinear', [b.constant('c', bias), 'c/s'], ['c/dq'], {
    name: 'c/DQ',
    attributes: { axis: { int: 0 } },
  });
  b.node('Conv', [x, 'w/dq', 'c/dq'], ['conv'], { name: 'conv', attributes: { pads: { ints: [1, 1, 1, 1] } } });
  b.node('Relu', ['conv'], ['relu'], { name: 'relu' });
  const relu = quantizationPair(b, 'relu', 0.05, u8(0));
  b.node('MaxPool', [relu], ['pool'], {
    name: 'pool',
    attributes: { kernel_shape: { ints: [3, 3] }, strides: { ints: [3, 3] } },
  });
  b.node('Flatten', ['pool'], ['flat'], { name: 'flat' });
  const flat = quantizationPair(b, 'flat', 0.05, u8(0));
  b.node(
    'DequantizeLinear',
    [b.constant('d', weightCodes([4, 12])), b.constant('d/s', floatScalar(0.003)), b.constant('d/z', i8(0))],
    ['d/dq'],
    { name: 'd/DQ' },
  );
  b.node(
    'Gemm',
    [flat, 'd/dq', b.constant('e', { dtype: 'float32', shape: [4], data: Float32Array.of(0.5, -1, 0, 2) })],
    ['dense'],
    { name: 'dense', attributes: { transB: { int: 1 } } },
  );
  const dense = quantizationPair(b, 'dense', outputScale, u8(128));
  b.node('Identity', [dense], ['y'], { name: 'y' });
  b.output('y', 'float32', ['N', 4]);
  return b.finish({ opset: 13, name: 'qdq' });
}

test('a QDQ model: its scales, zero points and weight codes are the plan', () => {
  const { plan, graph } = compile(qdqModel(), 'onnxruntime');
  expect(graph.nodes.map((node) => node.op)).toEqual(['conv', 'max-pool', 'reshape', 'fully-connected']);
  expect(graph.outputs).toEqual(['y']);
  expect(plan.activations.get('x')).toEqual({
    bits: 8,
    scale: Math.fround(0.02),
    zeroPoint: -28,
    qMin: -128,
    qMax: 127,
  });
  expect(plan.activations.get('pool')).toEqual({
    bits: 8,
    scale: Math.fround(0.05),
    zeroPoint: -128,
    qMin: -128,
    qMax: 127,
  });
  expect([...plan.weights.get('conv')!.scales]).toEqual([0.01, 0.004, 0.02].map(Math.fround));
  expect(plan.weights.get('dense')).toMatchObject({ bits: 8, perChannel: false });
});

test('the program of a QDQ model answers within one code of the model itself, and 1 in 20 at most differs', async () => {
  const bytes = qdqModel();
  const { program, profile } = compile(bytes, 'onnxruntime');
  const samples = 16;
  const x = floatTensor(
    [samples, 2, 6, 6],
    Float32Array.from({ length: samples * 72 }, () => random.normal()),
  );
  const engine = await createFloatEngine(bytes, { threads: 1 });
  const real = (await engine.run([x])).get('y')!.data as Float32Array;
  await engine.close();
  const { inputs } = quantizeSamples(
    [{ tensor: program.tensors[program.inputs[0]!]!, samples: x }],
    profile.quantizeInput,
  );
  let differing = 0;
  for (let sample = 0; sample < samples; sample++) {
    const [codes] = runReference(program, [inputs[0]!.slice(sample * 72, (sample + 1) * 72)]);
    codes!.forEach((code, index) => {
      const expected = Math.round(real[sample * 4 + index]! / Math.fround(0.11));
      expect(Math.abs(code - expected)).toBeLessThanOrEqual(1);
      if (code !== expected) differing++;
    });
  }
  expect(differing).toBeLessThanOrEqual((samples * 4) / 20);
});

test.each([8, 4])('an exported operator-form model with %d-bit weights comes back as the same program', (bits) => {
  const profile = getProfile('onnxruntime');
  const network = smallNetwork(5);
  const image = floatTensor(
    [1, 3, 7, 5],
    Float32Array.from({ length: 105 }, () => random.next()),
  );
  const plan = rangePlan(network, [runFloatGraph(network, image)], bits);
  const program = lower(network, plan, profile);
  const again = compile(exportOnnx(network, plan, program), 'onnxruntime');
  expect(again.plan.weights.get('stem')!.bits).toBe(bits);
  expect([...again.plan.weights.get('stem')!.codes]).toEqual([...plan.weights.get('stem')!.codes]);
  for (let sample = 0; sample < 20; sample++) {
    const codes = Int8Array.from({ length: 105 }, () => random.integer(-128, 127));
    const [expected] = runReference(program, [codes]);
    expect([...runReference(again.program, [codes])[0]!]).toEqual([...expected!]);
  }
});

test('values that meet on different scales are requantized', () => {
  const b = createOnnxBuilder();
  b.input('x', 'float32', ['N', 2, 3]);
  const x = quantizationPair(b, 'x', 0.02, i8(3));
  b.node('Tanh', [x], ['t'], { name: 't' });
  const t = quantizationPair(b, 't', 0.01, i8(0));
  b.node('Concat', [x, t], ['joined'], { name: 'join', attributes: { axis: { int: 1 } } });
  b.node('Identity', [quantizationPair(b, 'joined', 0.02, i8(3))], ['y'], { name: 'y' });
  b.output('y', 'float32', ['N', 4, 3]);
  const { graph, plan, program } = compile(b.finish({ opset: 13, name: 'g' }), 'onnxruntime');
  expect(graph.nodes.map((node) => node.name)).toEqual(['t', 'join/requantize1', 'join']);
  expect(plan.activations.get(graph.nodes[1]!.outputs[0]!)).toEqual(plan.activations.get('y'));
  const [codes] = runReference(program, [Int8Array.of(53, 3, -47, 3, 3, 3)]);
  // x = 1, 0, -1: codes of x as they are; tanh(1) = 0.7616 is code 76 of 0.01, then 38 + 3 of 0.02.
  expect([...codes!].slice(0, 4)).toEqual([53, 3, 3, 3].map((_, index) => [53, 3, 3 + 38, 3][index]));
});

test('what is not quantized, or not as the profile wants it, is listed at once', () => {
  const b = createOnnxBuilder();
  b.input('x', 'float32', ['N', 2, 4, 4]);
  const x = quantizationPair(b, 'x', 0.02, i8(3));
  b.node(
    'Conv',
    [x, b.constant('w', { dtype: 'float32', shape: [2, 2, 1, 1], data: Float32Array.of(1, 2, 3, 4) })],
    ['c'],
    { name: 'conv' },
  );
  b.node('Sigmoid', ['c'], ['y'], { name: 'sig' });
  b.output('y', 'float32', ['N', 2, 4, 4]);
  const message = failure(() => compile(b.finish({ opset: 13, name: 'g' }), 'onnxruntime'));
  for (const part of ['MODEL_UNSUPPORTED', 'value c', 'value y', 'node conv (conv): its weights have no scale'])
    expect(message).toContain(part);
  const refused = failure(() => compile(qdqModel(), 'esp-dl-s3'));
  for (const part of ['PROFILE_UNSUPPORTED', 'its zero point', 'its scale']) expect(refused).toContain(part);
});

test('a quantized model is no float model', () => {
  const message = failure(() => importOnnx(qdqModel()));
  expect(message).toMatch(/^MODEL_UNSUPPORTED/);
  expect(message).toContain('node x/Q (QuantizeLinear): belongs to a model that is quantized already');
  expect(message).toContain('bitwright compile');
});
