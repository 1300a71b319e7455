/** .npy and .npz: files written by numpy 2 (as hex), round trips, and what must be refused. */
import { zipSync } from 'fflate';
import { expect, test } from 'vitest';
import { BitwrightError } from '../../../src/base/errors.ts';
import { readNpy, writeNpy } from '../../../src/base/npy.ts';
import { readNpz, writeNpz } from '../../../src/base/npz.ts';
import type { Tensor } from '../../../src/base/tensor.ts';

const bytes = (hex: string): Uint8Array => Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
/** A version 1 or 2 header as numpy pads it, with data after it. */
function npyFile(dictionary: string, data: string, version = 1): Uint8Array {
  const start = version === 1 ? 10 : 12;
  const text = `${dictionary.padEnd(127 - start)}\n`;
  const length = version === 1 ? [118, 0] : [116, 0, 0, 0];
  return Uint8Array.from([
    0x93,
    ...new TextEncoder().encode('NUMPY'),
    version,
    0,
    ...length,
    ...new TextEncoder().encode(text),
    ...bytes(data),
  ]);
}
const codeOf = (action: () => unknown): string => {
  try {
    action();
  } catch (error) {
    return error instanceof BitwrightError ? `${error.code} ${error.message}` : String(error);
  }
  return 'nothing thrown';
};

test('float16 written by numpy, subnormal included', () => {
  const file = npyFile("{'descr': '<f2', 'fortran_order': False, 'shape': (2, 2), }", '003e00c0ff7b0100');
  const tensor = readNpy(file, 'a.npy');
  expect(tensor).toMatchObject({ dtype: 'float32', shape: [2, 2] });
  // numpy.float16(6e-8) is the smallest subnormal, 2^-24.
  expect([...tensor.data]).toEqual([1.5, -2, 65504, 2 ** -24]);
});

test('big-endian int64, version 2 and version 3 files written by numpy', () => {
  const big = npyFile(
    "{'descr': '>i8', 'fortran_order': False, 'shape': (3,), }",
    '0000000000000001fffffffffffffffe0000010000000000',
  );
  expect([...readNpy(big, 'b.npy').data]).toEqual([1n, -2n, 1n << 40n]);
  const second = npyFile("{'descr': '|u1', 'fortran_order': False, 'shape': (3,), }", '010203', 2);
  expect([...readNpy(second, 'c.npy').data]).toEqual([1, 2, 3]);
  const third = npyFile("{'descr': '<f8', 'fortran_order': False, 'shape': (), }", '0000000000001d40', 3);
  expect(readNpy(third, 'd.npy')).toMatchObject({ dtype: 'float64', shape: [], data: Float64Array.of(7.25) });
});

test('what is written is byte for byte what numpy.save writes', () => {
  const numpy =
    '934e554d5059010076007b276465736372273a20273c6938272c2027666f727472616e5f6f72646572273a2046616c73652c20277368617065273a2028332c292c207d' +
    '20'.repeat(60) +
    '0a' +
    '0100000000000000feffffffffffffff0000000000010000';
  const tensor: Tensor = { dtype: 'int64', shape: [3], data: BigInt64Array.of(1n, -2n, 1n << 40n) };
  expect(Buffer.from(writeNpy(tensor)).toString('hex')).toBe(numpy);
});

test('every dtype survives a round trip', () => {
  const tensors: Tensor[] = [
    { dtype: 'float32', shape: [2, 1, 2], data: Float32Array.of(1, -0.5, Number.NaN, 3e38) },
    { dtype: 'float64', shape: [1], data: Float64Array.of(Math.PI) },
    { dtype: 'int8', shape: [2], data: Int8Array.of(-128, 127) },
    { dtype: 'uint8', shape: [2], data: Uint8Array.of(0, 255) },
    { dtype: 'int16', shape: [1], data: Int16Array.of(-32768) },
    { dtype: 'uint16', shape: [1], data: Uint16Array.of(65535) },
    { dtype: 'int32', shape: [1], data: Int32Array.of(-(2 ** 31)) },
    { dtype: 'uint32', shape: [0, 4], data: new Uint32Array(0) },
    { dtype: 'bool', shape: [2], data: Uint8Array.of(1, 0) },
  ];
  for (const tensor of tensors) expect(readNpy(writeNpy(tensor), 'x.npy')).toEqual(tensor);
});

test('hostile .npy files are refused with a reason', () => {
  const fortran = npyFile(
    "{'descr': '<i4', 'fortran_order': True, 'shape': (2, 2), }",
    '01000000030000000200000004000000',
  );
  expect(codeOf(() => readNpy(fortran, 'f.npy'))).toMatch(/FILE_INVALID f\.npy.*Fortran order/);
  const cases: [string, Uint8Array][] = [
    ['no magic', new Uint8Array(200)],
    ['empty', new Uint8Array(0)],
    ['object array', npyFile("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", '00')],
    ['complex', npyFile("{'descr': '<c8', 'fortran_order': False, 'shape': (1,), }", '00'.repeat(8))],
    ['huge shape', npyFile("{'descr': '<f4', 'fortran_order': False, 'shape': (9999999999, 9999999999), }", '00')],
    ['data too short', npyFile("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", '00'.repeat(7))],
    ['data too long', npyFile("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", '00'.repeat(9))],
    ['no shape', npyFile("{'descr': '<f4', 'fortran_order': False}", '')],
    [
      'version 4',
      Uint8Array.from([...npyFile("{'descr': '<f4', 'fortran_order': False, 'shape': (0,), }", '')].with(6, 4)),
    ],
    [
      'header beyond the file',
      Uint8Array.from([...npyFile("{'descr': '<f4', 'fortran_order': False, 'shape': (0,), }", '')].with(9, 255)),
    ],
  ];
  for (const [name, file] of cases)
    expect(
      codeOf(() => readNpy(file, 'x.npy')),
      name,
    ).toMatch(/^FILE_INVALID x\.npy/);
});

test('.npz round trip, equal bytes for equal arrays, damaged archives', () => {
  const arrays = new Map<string, Tensor>([
    ['x', { dtype: 'float32', shape: [2], data: Float32Array.of(1, 2) }],
    ['labels', { dtype: 'int64', shape: [1], data: BigInt64Array.of(7n) }],
  ]);
  const file = writeNpz(arrays);
  expect(readNpz(file, 'a.npz')).toEqual(arrays);
  expect(writeNpz(arrays)).toEqual(file);
  expect(codeOf(() => readNpz(file.subarray(0, 40), 'a.npz'))).toMatch(/^FILE_INVALID a\.npz/);
  expect(codeOf(() => readNpz(zipSync({ 'a.npy': Uint8Array.of(1) }), 'a.npz'))).toMatch(/^FILE_INVALID a\.npz:a\.npy/);
});
