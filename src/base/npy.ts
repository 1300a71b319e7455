/**
 * NumPy .npy files, versions 1 to 3: header parsing with limits, decoding of a byte range and writing. float16 becomes float32.
 * Fortran order and object arrays are refused.
 */
import { BitwrightError } from './errors.ts';
import { float16ToFloat32 } from './float16.ts';
import { type DType, elementCount, type Shape, type Tensor, type TensorData } from './tensor.ts';

const headerBytesMax = 65536;
const rankMax = 8;

export interface NpyHeader {
  /** dtype after decoding (float16 files decode to float32). */
  readonly dtype: DType;
  readonly shape: Shape;
  /** Bytes of one element in the file. */
  readonly itemBytes: number;
  readonly bigEndian: boolean;
  readonly half: boolean;
  /** Where the data starts. */
  readonly dataOffsetBytes: number;
}

const dtypesByCode: Readonly<Record<string, DType>> = {
  f8: 'float64',
  f4: 'float32',
  f2: 'float32',
  i1: 'int8',
  u1: 'uint8',
  i2: 'int16',
  u2: 'uint16',
  i4: 'int32',
  u4: 'uint32',
  i8: 'int64',
  b1: 'bool',
};

const codesByDtype: Readonly<Partial<Record<DType, string>>> = {
  float64: '<f8',
  float32: '<f4',
  int4: '|i1',
  int8: '|i1',
  uint8: '|u1',
  int16: '<i2',
  uint16: '<u2',
  int32: '<i4',
  uint32: '<u4',
  int64: '<i8',
  bool: '|b1',
};

function refuse(where: string, message: string, seen: string | number, allowed: string | number): never {
  throw new BitwrightError('FILE_INVALID', {
    message,
    where,
    seen,
    allowed,
    next: 'Write the file with numpy.save().',
  });
}

/**
 * Parses the header of a .npy file. `bytes` may be just the beginning of the file (the first 64 KiB suffice).
 * `where` names the file in errors. Throws FILE_INVALID.
 */
export function parseNpyHeader(bytes: Uint8Array, where: string): NpyHeader {
  const magic = String.fromCharCode(...bytes.subarray(1, 6));
  if (bytes.length < 12 || bytes[0] !== 0x93 || magic !== 'NUMPY')
    refuse(where, 'is no .npy file', `${bytes.length} bytes`, 'the NUMPY magic');
  const version = bytes[6]!;
  if (version < 1 || version > 3) refuse(where, '.npy version', version, '1 to 3');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = version === 1 ? 10 : 12;
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > headerBytesMax) refuse(where, '.npy header is too long', `${length} bytes`, `${headerBytesMax} bytes`);
  if (start + length > bytes.length)
    refuse(where, '.npy file ends inside its header', `${bytes.length} bytes`, `${start + length} bytes`);
  const text = new TextDecoder('utf-8').decode(bytes.subarray(start, start + length));
  return { ...parseDictionary(text, where), dataOffsetBytes: start + length };
}

/** Reads the Python dict literal that numpy writes; only its three keys are looked for. */
function parseDictionary(text: string, where: string): Omit<NpyHeader, 'dataOffsetBytes'> {
  const descr = /'descr'\s*:\s*'([<>|=])([a-zA-Z])(\d{1,4})'/.exec(text);
  const order = /'fortran_order'\s*:\s*(True|False)/.exec(text);
  const shapeText = /'shape'\s*:\s*\(([0-9,\sL]{0,400})\)/.exec(text);
  if (descr === null)
    refuse(where, '.npy element type is not supported', text.slice(0, 80).trim(), Object.keys(dtypesByCode).join(' '));
  if (order === null || shapeText === null)
    refuse(where, '.npy header has no shape or order', text.slice(0, 80).trim(), 'a numpy header');
  const shape = [...shapeText[1]!.matchAll(/\d+/g)].map((match) => Number(match[0]));
  const code = `${descr[2]}${descr[3]}`;
  const dtype = Object.hasOwn(dtypesByCode, code) ? dtypesByCode[code] : undefined;
  if (dtype === undefined)
    refuse(where, '.npy element type is not supported', `${descr[1]}${code}`, Object.keys(dtypesByCode).join(' '));
  if (shape.length > rankMax) refuse(where, '.npy array has too many axes', shape.length, rankMax);
  if (!Number.isSafeInteger(elementCount(shape) * 8))
    refuse(where, '.npy array is too large', `[${shape.join(',')}]`, '2^50 elements');
  if (order[1] === 'True' && shape.filter((size) => size > 1).length > 1) {
    refuse(where, '.npy array is in Fortran order', 'fortran_order: True', 'C order (numpy.ascontiguousarray)');
  }
  return {
    dtype,
    shape,
    itemBytes: Number(descr[3]),
    bigEndian: descr[1] === '>' && descr[3] !== '1',
    half: code === 'f2',
  };
}

/** Decodes `count` elements from the raw data bytes of a .npy file (header already skipped). */
export function decodeNpyElements(header: NpyHeader, raw: Uint8Array, count: number): TensorData {
  const bytes = raw.slice(0, count * header.itemBytes);
  if (header.bigEndian) swapBytes(bytes, header.itemBytes);
  if (header.half) return float16ToFloat32(new Uint16Array(bytes.buffer));
  return typedArray(header.dtype, bytes.buffer);
}

/** A typed array over a buffer that holds exactly the elements. */
function typedArray(dtype: DType, buffer: ArrayBuffer): TensorData {
  switch (dtype) {
    case 'float64':
      return new Float64Array(buffer);
    case 'float32':
      return new Float32Array(buffer);
    case 'int8':
    case 'int4':
      return new Int8Array(buffer);
    case 'int16':
      return new Int16Array(buffer);
    case 'uint16':
      return new Uint16Array(buffer);
    case 'int32':
      return new Int32Array(buffer);
    case 'uint32':
      return new Uint32Array(buffer);
    case 'int64':
      return new BigInt64Array(buffer);
    default:
      return new Uint8Array(buffer);
  }
}

function swapBytes(bytes: Uint8Array, itemBytes: number): void {
  for (let at = 0; at < bytes.length; at += itemBytes) bytes.subarray(at, at + itemBytes).reverse();
}

/** Reads a whole .npy file. Throws FILE_INVALID where the data is shorter or longer than the shape says. */
export function readNpy(bytes: Uint8Array, where: string): Tensor {
  const header = parseNpyHeader(bytes, where);
  const count = elementCount(header.shape);
  const dataBytes = bytes.length - header.dataOffsetBytes;
  if (dataBytes !== count * header.itemBytes)
    refuse(where, '.npy data does not fit its shape', `${dataBytes} bytes`, `${count * header.itemBytes} bytes`);
  return {
    dtype: header.dtype,
    shape: header.shape,
    data: decodeNpyElements(header, bytes.subarray(header.dataOffsetBytes), count),
  };
}

/** Writes a version 1 .npy file, C order, little-endian; int4 is written as int8. */
export function writeNpy(tensor: Tensor): Uint8Array<ArrayBuffer> {
  const shape = tensor.shape.length === 1 ? `${tensor.shape[0]},` : tensor.shape.join(', ');
  const text = `{'descr': '${codesByDtype[tensor.dtype]}', 'fortran_order': False, 'shape': (${shape}), }`;
  const headerBytes = Math.ceil((10 + text.length + 1) / 64) * 64;
  const data = new Uint8Array(tensor.data.buffer, tensor.data.byteOffset, tensor.data.byteLength);
  const file = new Uint8Array(headerBytes + data.length);
  file.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0]);
  new DataView(file.buffer).setUint16(8, headerBytes - 10, true);
  file.fill(0x20, 10, headerBytes - 1);
  file.set(new TextEncoder().encode(text), 10);
  file[headerBytes - 1] = 0x0a;
  file.set(data, headerBytes);
  return file;
}
