/** Operators of operator-form models, one by one: the compiled program against onnxruntime's own run, within one code. */
import { expect, test } from 'vitest';
import { getProfile } from '../../../src/arithmetic/registry.ts';
import { seededRandom } from '../../../src/base/random.ts';
import { floatTensor, type Tensor } from '../../../src/base/tensor.ts';
import { createFloatEngine } from '../../../src/calibrate/float-engine.ts';
import { givenPlan } from '../../../src/lower/given-plan.ts';
import { lower } from '../../../src/lower/lower.ts';
import { importQuantizedOnnx } from '../../../src/onnx/import-onnx.ts';
import {
  createOnnxBuilder,
  floatScalar,
  type OnnxAttribute,
  type OnnxBuilder,
} from '../../../src/onnx/onnx-builder.ts';
import { dequantizeSamples, quantizeSamples } from '../../../src/simulate/quantize-samples.ts';
import { runReference } from '../../../src/simulate/reference-engine.ts';

const seed = Date.now() % 100000;
const random = seededRandom(seed);
const profile = getProfile('onnxruntime');
const outputScale = 0.05;

interface Case {
  readonly name: string;
  readonly shape: readonly number[];
  readonly ops: readonly string[];
  /** Writes from the codes `q` (scale `s`, zero point `z`) to the codes `r` (scale `rs`, zero point `rz`). */
  build(b: OnnxBuilder): void;
}

const codes = (b: OnnxBuilder, name: string, shape: number[], low = -127): string =>
  b.constant(name, {
    dtype: 'int8',
    shape,
    data: Int8Array.from({ length: shape.reduce((a, c) => a * c, 1) }, () => random.integer(low, 127)),
  });
const scalar = (b: OnnxBuilder, name: string, value: number): string => b.constant(name, floatScalar(value));
const int8 = (code: number): Tensor => ({ dtype: 'int8', shape: [], data: Int8Array.of(code) });
const own = (b: OnnxBuilder, type: string, inputs: string[], attributes: Record<string, OnnxAttribute> = {}): void =>
  b.node(type, inputs, ['r'], { name: 'op', domain: 'com.microsoft', attributes });
const input = ['q', 's', 'z'];
const output = ['rs', 'rz'];

const cases: Case[] = [
  {
    name: 'QLinearConv with groups, scales per channel and a bias',
    shape: [4, 5, 5],
    ops: ['conv'],
    build: (b) => {
      b.constant('ws', { dtype: 'float32', shape: [6], data: Float32Array.of(0.01, 0.02, 0.005, 0.01, 0.004, 0.03) });
      b.constant('wz', { dtype: 'int8', shape: [6], data: new Int8Array(6) });
      const bias = b.constant('bias', { dtype: 'int32', shape: [6], data: Int32Array.of(1, -500, 300, 0, 9, -2) });
      const weights = [codes(b, 'w', [6, 2, 3, 3]), 'ws', 'wz'];
      b.node('QLinearConv', [...input, ...weights, ...output, bias], ['r'], {
        name: 'op',
        attributes: { group: { int: 2 } },
      });
    },
  },
  {
    name: 'QLinearMatMul by a constant with scales per column',
    shape: [3, 6],
    ops: ['fully-connected'],
    build: (b) => {
      b.constant('ws', { dtype: 'float32', shape: [2], data: Float32Array.of(0.01, 0.002) });
      b.constant('wz', { dtype: 'int8', shape: [2], data: new Int8Array(2) });
      b.node('QLinearMatMul', [...input, codes(b, 'w', [6, 2]), 'ws', 'wz', ...output], ['r'], { name: 'op' });
    },
  },
  {
    name: 'QGemm, weights input-major',
    shape: [6],
    ops: ['fully-connected'],
    build: (b) => {
      const bias = b.constant('bias', { dtype: 'int32', shape: [3], data: Int32Array.of(100, -500, 300) });
      own(b, 'QGemm', [
        ...input,
        codes(b, 'w', [6, 3]),
        scalar(b, 'ws', 0.01),
        b.constant('wz', int8(0)),
        bias,
        ...output,
      ]);
    },
  },
  {
    name: 'QLinearAdd of a value and itself on its scale',
    shape: [2, 3],
    ops: ['add'],
    build: (b) => own(b, 'QLinearAdd', [...input, ...input, ...output]),
  },
  {
    name: 'QLinearMul',
    shape: [2, 3],
    ops: ['mul'],
    build: (b) => own(b, 'QLinearMul', [...input, ...input, ...output]),
  },
  {
    name: 'QLinearAveragePool',
    shape: [2, 4, 5],
    ops: ['average-pool'],
    build: (b) =>
      own(b, 'QLinearAveragePool', [...input, ...output], {
        kernel_shape: { ints: [2, 2] },
        strides: { ints: [2, 1] },
      }),
  },
  {
    name: 'QLinearGlobalAveragePool',
    shape: [2, 4, 5],
    ops: ['global-average-pool'],
    build: (b) => own(b, 'QLinearGlobalAveragePool', [...input, ...output]),
  },
  {
    name: 'QLinearSigmoid',
    shape: [7],
    ops: ['sigmoid'],
    build: (b) => own(b, 'QLinearSigmoid', [...input, ...output]),
  },
  {
    name: 'QLinearLeakyRelu',
    shape: [7],
    ops: ['leaky-relu'],
    build: (b) => own(b, 'QLinearLeakyRelu', [...input, ...output], { alpha: { float: 0.2 } }),
  },
  {
    name: 'QLinearConcat',
    shape: [2, 3],
    ops: ['requantize', 'concat'],
    build: (b) => own(b, 'QLinearConcat', [...output, ...input, ...input], { axis: { int: 1 } }),
  },
];

test.each(cases.map((entry) => [entry.name, entry] as const))(`%s (seed ${seed})`, async (_name, entry) => {
  const b = createOnnxBuilder();
  b.input('x', 'float32', ['N', ...entry.shape]);
  b.node('QuantizeLinear', ['x', scalar(b, 's', 0.03), b.constant('z', int8(-7))], ['q'], { name: 'Q' });
  scalar(b, 'rs', outputScale);
  b.constant('rz', int8(5));
  entry.build(b);
  b.node('DequantizeLinear', ['r', 'rs', 'rz'], ['y'], { name: 'DQ' });
  b.output('y', 'float32', []);
  const bytes = b.finish({ opset: 13, name: 'g', domains: { 'com.microsoft': 1 } });
  const { graph, notes } = importQuantizedOnnx(bytes);
  const given = givenPlan(graph, notes, profile);
  expect(given.graph.nodes.map((node) => node.op).filter((op, index, all) => all.indexOf(op) === index)).toEqual(
    entry.ops,
  );
  const program = lower(given.graph, given.plan, profile);
  const count = entry.shape.reduce((a, c) => a * c, 1);
  const x = floatTensor(
    [1, ...entry.shape],
    Float32Array.from({ length: count }, () => 2 * random.normal()),
  );
  const engine = await createFloatEngine(bytes, { threads: 1 });
  const expected = (await engine.run([x])).get('y')!;
  await engine.close();
  const { inputs } = quantizeSamples(
    [{ tensor: program.tensors[program.inputs[0]!]!, samples: x }],
    profile.quantizeInput,
  );
  const [answer] = runReference(program, [inputs[0]!]);
  const real = dequantizeSamples(answer!, program.tensors[program.outputs[0]!]!, 1);
  expect(real.shape).toEqual(expected.shape);
  const worst = real.data.reduce(
    (most, value, index) => Math.max(most, Math.abs(value - Number(expected.data[index]))),
    0,
  );
  expect(worst).toBeLessThanOrEqual(outputScale * 1.01);
});
