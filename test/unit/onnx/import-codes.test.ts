/** What models in operator form do to codes as codes: every element of the compiled program against onnxruntime's run of the model. */
import { expect, test } from 'vitest';
import { getProfile } from '../../../src/arithmetic/registry.ts';
import { BitwrightError } from '../../../src/base/errors.ts';
import { seededRandom } from '../../../src/base/random.ts';
import { floatTensor, type Tensor } from '../../../src/base/tensor.ts';
import { createFloatEngine } from '../../../src/calibrate/float-engine.ts';
import { givenPlan } from '../../../src/lower/given-plan.ts';
import { lower } from '../../../src/lower/lower.ts';
import { importQuantizedOnnx } from '../../../src/onnx/import-onnx.ts';
import { createOnnxBuilder, floatScalar, intVector, type OnnxBuilder } from '../../../src/onnx/onnx-builder.ts';
import { rewrite } from '../../../src/rewrites/rewrite.ts';
import { dequantizeSamples, quantizeSamples } from '../../../src/simulate/quantize-samples.ts';
import { runReference } from '../../../src/simulate/reference-engine.ts';

const seed = Date.now() % 100000;
const profile = getProfile('onnxruntime');
const scale = 0.03;

type CodeDType = 'int8' | 'uint8';

interface Case {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype?: CodeDType;
  /** From the codes `q` (scale `s`, zero point `z`) to the codes `r`, which are read on `outputScale`. */
  readonly outputScale?: number;
  build(b: OnnxBuilder): void;
}

const code = (dtype: CodeDType, value: number): Tensor => ({
  dtype,
  shape: [],
  data: dtype === 'int8' ? Int8Array.of(value) : Uint8Array.of(value),
});
const ints = (b: OnnxBuilder, name: string, values: readonly number[]): string => b.constant(name, intVector(values));

function codeTable(dtype: CodeDType): Tensor {
  const random = seededRandom(seed);
  const low = dtype === 'int8' ? -128 : 0;
  const codes = Array.from({ length: 256 }, () => random.integer(low, low + 255));
  return { dtype, shape: [256], data: dtype === 'int8' ? Int8Array.from(codes) : Uint8Array.from(codes) };
}

const cases: Case[] = [
  {
    name: 'Pad by a code that is not the zero point',
    shape: [2, 3, 3],
    build: (b) =>
      b.node('Pad', ['q', ints(b, 'pads', [0, 0, 1, 0, 0, 0, 2, 1]), b.constant('v', code('int8', 40))], ['r'], {
        name: 'op',
      }),
  },
  {
    name: 'Pad without a value puts code 0, not the real 0',
    shape: [2, 3, 3],
    dtype: 'uint8',
    build: (b) => b.node('Pad', ['q', ints(b, 'pads', [0, 1, 0, 0, 0, 0, 0, 1])], ['r'], { name: 'op' }),
  },
  {
    name: 'Pad of many axes',
    shape: [2, 3, 1, 2, 1],
    build: (b) =>
      b.node('Pad', ['q', ints(b, 'pads', [0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 1]), 'z'], ['r'], { name: 'op' }),
  },
  {
    name: 'Relu of codes',
    shape: [9],
    build: (b) => b.node('Relu', ['q'], ['r'], { name: 'op' }),
  },
  {
    name: 'Clip of codes',
    shape: [9],
    dtype: 'uint8',
    build: (b) =>
      b.node('Clip', ['q', b.constant('lo', code('uint8', 100)), b.constant('hi', code('uint8', 130))], ['r'], {
        name: 'op',
      }),
  },
  {
    name: 'MaxPool, Transpose and Reshape of codes',
    shape: [2, 4, 4],
    dtype: 'uint8',
    build: (b) => {
      b.node('MaxPool', ['q'], ['p'], {
        name: 'pool',
        attributes: { kernel_shape: { ints: [2, 2] }, pads: { ints: [1, 0, 0, 0] } },
      });
      b.node('Transpose', ['p'], ['t'], { name: 'turn', attributes: { perm: { ints: [0, 2, 3, 1] } } });
      b.node('Reshape', ['t', ints(b, 'shape', [-1, 24])], ['r'], { name: 'op' });
    },
  },
  {
    name: 'codes read on another scale than they were written on',
    shape: [9],
    outputScale: 0.5,
    build: (b) => b.node('Identity', ['q'], ['r'], { name: 'op' }),
  },
  {
    name: 'codes of two scales joined as codes',
    shape: [2, 3],
    build: (b) => {
      b.constant('s2', floatScalar(0.11));
      b.node('DequantizeLinear', ['q', 's', 'z'], ['real'], { name: 'D2' });
      b.node('QuantizeLinear', ['real', 's2', 'z'], ['q2'], { name: 'Q2' });
      b.node('Concat', ['q', 'q2'], ['r'], { name: 'op', attributes: { axis: { int: 1 } } });
    },
  },
  ...(['int8', 'uint8'] as const).map(
    (dtype): Case => ({
      name: `a table of ${dtype} codes, read on a scale of its own`,
      shape: [3, 5],
      dtype,
      outputScale: 0.25,
      build: (b) => {
        b.node('Cast', ['q'], ['index'], { name: 'cast', attributes: { to: { int: 6 } } });
        b.node('Gather', [b.constant('table', codeTable(dtype)), 'index'], ['r'], { name: 'op' });
      },
    }),
  ),
  {
    name: 'every second column, and one row by a negative index',
    shape: [2, 3, 6],
    build: (b) => {
      b.node('Gather', ['q', ints(b, 'columns', [1, 3, 5])], ['c'], {
        name: 'columns',
        attributes: { axis: { int: 3 } },
      });
      b.constant('row', { dtype: 'int64', shape: [], data: BigInt64Array.of(-1n) });
      b.node('Gather', ['c', 'row'], ['r'], { name: 'op', attributes: { axis: { int: 2 } } });
    },
  },
  {
    name: 'columns of a nearest resize',
    shape: [2, 3, 4],
    build: (b) =>
      b.node('Gather', ['q', ints(b, 'columns', [0, 0, 1, 1, 2, 2, 3, 3])], ['r'], {
        name: 'op',
        attributes: { axis: { int: 3 } },
      }),
  },
  {
    name: 'the codes themselves as an output',
    shape: [4],
    build: (b) => {
      b.node('Relu', ['q'], ['r'], { name: 'op' });
      b.output('r', 'int8', []);
    },
  },
];

function modelOf({ shape, dtype = 'int8', outputScale = scale, build }: Case): Uint8Array {
  const b = createOnnxBuilder();
  b.input('x', 'float32', ['N', ...shape]);
  b.constant('s', floatScalar(scale));
  b.constant('z', code(dtype, dtype === 'int8' ? -7 : 121));
  b.node('QuantizeLinear', ['x', 's', 'z'], ['q'], { name: 'Q' });
  build(b);
  b.node('DequantizeLinear', ['r', b.constant('rs', floatScalar(outputScale)), 'z'], ['y'], { name: 'DQ' });
  b.output('y', 'float32', []);
  return b.finish({ opset: 17, name: 'g' });
}

test.each(cases.map((entry) => [entry.name, entry] as const))(`%s (seed ${seed})`, async (_name, entry) => {
  const bytes = modelOf(entry);
  const { graph, notes } = importQuantizedOnnx(bytes);
  const given = givenPlan(rewrite(graph), notes, profile);
  const program = lower(given.graph, given.plan, profile);
  const random = seededRandom(seed);
  const count = entry.shape.reduce((product, size) => product * size, 1);
  const data = Float32Array.from({ length: count }, () => 2 * random.normal());
  const x = floatTensor([1, ...entry.shape], data);
  const engine = await createFloatEngine(bytes, { threads: 1 });
  const expected = (await engine.run([x])).get('y')!;
  await engine.close();
  const tensor = program.tensors[program.inputs[0]!]!;
  const { inputs } = quantizeSamples([{ tensor, samples: x }], profile.quantizeInput);
  const outputs = runReference(program, [inputs[0]!]);
  const at = program.outputs.findIndex((index) => program.tensors[index]!.name === 'y');
  const real = dequantizeSamples(outputs[at]!, program.tensors[program.outputs[at]!]!, 1);
  expect(real.shape).toEqual(expected.shape);
  expect([...real.data]).toEqual([...(expected.data as Float32Array)]);
});

test('scales that are computed at run time are refused for what they are', () => {
  const b = createOnnxBuilder();
  b.input('x', 'float32', ['N', 4]);
  b.node('DynamicQuantizeLinear', ['x'], ['q', 's', 'z'], { name: 'dynamic' });
  b.node('DequantizeLinear', ['q', 's', 'z'], ['y'], { name: 'DQ' });
  b.output('y', 'float32', []);
  const refused = (): unknown => importQuantizedOnnx(b.finish({ opset: 13, name: 'g' }));
  expect(refused).toThrow(/node dynamic: dynamic quantization.*Quantize the model statically/);
});

test('arithmetic on codes is refused with the name of the node', () => {
  const refused = (): unknown =>
    importQuantizedOnnx(
      modelOf({ name: '', shape: [4], build: (b) => b.node('Neg', ['q'], ['r'], { name: 'minus' }) }),
    );
  expect(refused).toThrow(BitwrightError);
  expect(refused).toThrow(/node minus \(Neg\): computes with codes \(q\).*DequantizeLinear/);
});
