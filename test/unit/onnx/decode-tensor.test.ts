/** Tensors as models store them: raw, typed and external, narrow floats and nibbles, against values worked by hand; and what must be refused. */
import { expect, test } from 'vitest';
import { BitwrightError } from '../../../src/base/errors.ts';
import { decodeTensor } from '../../../src/onnx/decode-tensor.ts';
import { oncePerFile } from '../../../src/onnx/external-data.ts';
import { importOnnx } from '../../../src/onnx/import-onnx.ts';
import { inlineExternalData } from '../../../src/onnx/inline-external-data.ts';
import { encodeModel, type Int64, type TensorProto } from '../../../src/onnx/model-proto.ts';

const long = (value: number): Int64 => ({ low: value | 0, high: Math.floor(value / 4294967296) });
const proto = (dataType: number, dims: number[], rest: Partial<TensorProto>): TensorProto => ({
  dims: dims.map(long),
  dataType,
  ...rest,
});
const values = (tensor: TensorProto): (number | bigint)[] => [
  ...(decodeTensor(tensor, 't').data as ArrayLike<number> as number[]),
];
const failure = (tensor: TensorProto, external?: (location: string) => Uint8Array): string => {
  try {
    decodeTensor(tensor, 'initializer w', external);
  } catch (error) {
    return error instanceof BitwrightError ? `${error.code} ${error.message}` : `${error}`;
  }
  return 'nothing thrown';
};

test('raw data of every element type', () => {
  expect(values(proto(1, [1], { rawData: Uint8Array.of(0, 0, 0xc0, 0x3f) }))).toEqual([1.5]);
  // 0x3555 is the half-precision number next to 1/3; 0x0001 and 0x8400 are 2^-24 and -2^-14.
  expect(values(proto(10, [3], { rawData: Uint8Array.of(0x55, 0x35, 1, 0, 0, 0x84) }))).toEqual([
    1365 * 2 ** -12,
    2 ** -24,
    -(2 ** -14),
  ]);
  expect(values(proto(16, [2], { rawData: Uint8Array.of(0xc0, 0x3f, 0x80, 0xff) }))).toEqual([
    1.5,
    Number.NEGATIVE_INFINITY,
  ]);
  // onnx.proto: first element in the low nibble; an odd count leaves the last high nibble unused.
  expect(values(proto(22, [5], { rawData: Uint8Array.of(0x21, 0xf8, 0x07) }))).toEqual([1, 2, -8, -1, 7]);
  expect(values(proto(21, [5], { rawData: Uint8Array.of(0x21, 0xf8, 0x07) }))).toEqual([1, 2, 8, 15, 7]);
  expect(values(proto(7, [1], { rawData: Uint8Array.of(255, 255, 255, 255, 255, 255, 255, 255) }))).toEqual([-1n]);
  expect(values(proto(3, [2], { rawData: Uint8Array.of(0x80, 0x7f) }))).toEqual([-128, 127]);
  expect(values(proto(11, [1], { rawData: new Uint8Array(Float64Array.of(Math.E).buffer) }))).toEqual([Math.E]);
});

test('typed data fields', () => {
  expect(values(proto(1, [2], { floatData: [1, -2] }))).toEqual([1, -2]);
  expect(values(proto(10, [1], { int32Data: [0x3c00] }))).toEqual([1]);
  expect(values(proto(3, [2], { int32Data: [-3, 100] }))).toEqual([-3, 100]);
  expect(values(proto(22, [3], { int32Data: [0xf8, 0x01] }))).toEqual([-8, -1, 1]);
  expect(values(proto(9, [2], { int32Data: [1, 0] }))).toEqual([1, 0]);
  expect(values(proto(7, [1], { int64Data: [long(-(2 ** 40))] }))).toEqual([-(1n << 40n)]);
  expect(values(proto(12, [1], { uint64Data: [{ low: -1, high: 0 }] }))).toEqual([4294967295]);
  expect(values(proto(1, [0], {}))).toEqual([]);
  expect(decodeTensor(proto(1, [], { floatData: [7] }), 't').shape).toEqual([]);
});

test('external data: the named part of the named file', () => {
  const entries = [
    { key: 'location', value: 'sub/weights.bin' },
    { key: 'offset', value: '4' },
    { key: 'length', value: '8' },
  ];
  const tensor = proto(1, [2], { dataLocation: 1, externalData: entries });
  const file = new Uint8Array(Float32Array.of(9, 1.5, -2, 9).buffer);
  const asked: string[] = [];
  const external = (location: string): Uint8Array => {
    asked.push(location);
    return file;
  };
  expect([...decodeTensor(tensor, 't', external).data]).toEqual([1.5, -2]);
  expect(asked).toEqual(['sub/weights.bin']);
  expect(failure(tensor, () => file.subarray(0, 8))).toMatch(/MODEL_INVALID.*too short/);
  expect(failure(tensor)).toMatch(/MODEL_INVALID.*another file/);
});

test.each(['../secret', '/etc/passwd', 'a/../../b', 'C:\\weights', 'a\\b', './w', 'a//b', '', 'a\0b', 'file:w'])(
  'external data location %j is refused unread',
  (value) => {
    const tensor = proto(1, [1], { dataLocation: 1, externalData: [{ key: 'location', value }] });
    const external = (): Uint8Array => {
      throw new Error('the file was asked for');
    };
    expect(failure(tensor, external)).toMatch(/MODEL_INVALID.*leaves the model folder/);
  },
);

test('data that do not fit their shape', () => {
  expect(failure(proto(1, [2], { rawData: new Uint8Array(7) }))).toMatch(
    /MODEL_INVALID initializer w.*7 bytes.*8 bytes/,
  );
  expect(failure(proto(1, [2], { floatData: [1] }))).toMatch(/MODEL_INVALID.*1 values.*2 values/);
  expect(failure(proto(1, [-1], { floatData: [] }))).toMatch(/MODEL_INVALID.*tensor shape/);
  expect(failure(proto(1, [2 ** 40, 2 ** 40], {}))).toMatch(/MODEL_INVALID.*tensor shape/);
  expect(failure(proto(1, [2 ** 31], {}))).toMatch(/MODEL_INVALID.*does not fit/);
  expect(failure(proto(8, [1], {}))).toMatch(/MODEL_INVALID.*string/);
  expect(failure(proto(99, [1], {}))).toMatch(/MODEL_INVALID.*type 99/);
  expect(failure(proto(13, [1], { rawData: new Uint8Array(8).fill(255) }))).toMatch(/MODEL_INVALID.*uint64/);
});

test('a file with many tensors is asked for once', () => {
  const location = [{ key: 'location', value: 'w.bin' }];
  let asked = 0;
  const external = oncePerFile(() => {
    asked++;
    return new Uint8Array(8);
  });
  const tensor = proto(1, [2], { dataLocation: 1, externalData: location });
  decodeTensor(tensor, 'a', external);
  decodeTensor(tensor, 'b', external);
  expect(asked).toBe(1);
});

test('a model with its external data put in is the model in one file', () => {
  const weights = Float32Array.of(1, 2, 3, 4);
  const graph = (tensor: object) => ({
    irVersion: 8,
    opsetImport: [{ domain: '', version: 13 }],
    graph: {
      name: 'g',
      node: [{ opType: 'Gemm', input: ['x', 'w'], output: ['y'], name: 'dense', attribute: [] }],
      initializer: [{ name: 'w', dims: [2, 2], dataType: 1, ...tensor }],
      input: [
        { name: 'x', type: { tensorType: { elemType: 1, shape: { dim: [{ dimParam: 'N' }, { dimValue: 2 }] } } } },
      ],
      output: [{ name: 'y' }],
    },
  });
  const apart = encodeModel(graph({ dataLocation: 1, externalData: [{ key: 'location', value: 'w.bin' }] }));
  const inlined = inlineExternalData(apart, 'm.onnx', () => new Uint8Array(weights.buffer));
  expect([...importOnnx(inlined).constants.values()][0]!.data).toEqual(Float32Array.of(1, 3, 2, 4));
  const whole = encodeModel(graph({ rawData: new Uint8Array(weights.buffer) }));
  expect(inlineExternalData(whole, 'm.onnx', () => weights as never)).toBe(whole);
});
