/**
 * What host and page say to each other: a JSON header with its length before it, then the data of its tensors, little-endian. Loaded by
 * the page too, so it imports nothing at run time.
 */
import type { DType, Tensor, TensorData } from '../base/tensor.ts';
import type { OptimizationLevel } from './core-session.ts';

export type PageCommand =
  /** With tensor `model`: the bytes of the file. */
  | { readonly kind: 'create'; readonly session: number; readonly level: OptimizationLevel }
  | { readonly kind: 'run'; readonly session: number }
  | { readonly kind: 'close'; readonly session: number };

export type PageAnswer =
  | { readonly kind: 'done'; readonly milliseconds: number }
  | { readonly kind: 'failed'; readonly message: string };

export interface Message {
  /** Of the command; its answer has the same. */
  readonly id: number;
  readonly body: PageCommand | PageAnswer;
  readonly tensors: ReadonlyMap<string, Tensor>;
}

interface TensorHeader {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
}

const arrayOf: Partial<Record<DType, new (buffer: ArrayBuffer) => TensorData>> = {
  float32: Float32Array,
  int8: Int8Array,
  uint8: Uint8Array,
  int32: Int32Array,
  int64: BigInt64Array,
};
const headerBytesMax = 2 ** 24;

export function encodeMessage({ id, body, tensors }: Message): Uint8Array<ArrayBuffer> {
  const entries = [...tensors];
  const described = entries.map(([name, { dtype, shape }]): TensorHeader => ({ name, dtype, shape }));
  const header = new TextEncoder().encode(JSON.stringify({ id, body, tensors: described }));
  const dataBytes = entries.reduce((sum, [, { data }]) => sum + data.byteLength, 0);
  const message = new Uint8Array(4 + header.length + dataBytes);
  new DataView(message.buffer).setUint32(0, header.length, true);
  message.set(header, 4);
  let at = 4 + header.length;
  for (const [, { data }] of entries) {
    message.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return message;
}

/** Throws an Error that says what is wrong with the bytes. */
export function decodeMessage(bytes: Uint8Array<ArrayBuffer>): Message {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerBytes = bytes.length < 4 ? Number.POSITIVE_INFINITY : view.getUint32(0, true);
  if (headerBytes > headerBytesMax || 4 + headerBytes > bytes.length) throw new Error('its header is cut off');
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + headerBytes))) as Partial<Message> | null;
  const described = header?.tensors as unknown;
  if (!Number.isInteger(header?.id) || typeof header?.body !== 'object' || !Array.isArray(described))
    throw new Error('its header has another form');
  const tensors = new Map<string, Tensor>();
  let at = 4 + headerBytes;
  for (const one of described as (Partial<TensorHeader> | null)[]) {
    const { name, tensor } = readTensor(one ?? {}, bytes.subarray(at));
    tensors.set(name, tensor);
    at += tensor.data.byteLength;
  }
  if (at !== bytes.length) throw new Error(`it has ${bytes.length - at} bytes too many`);
  return { id: header.id!, body: header.body!, tensors };
}

function readTensor(header: Partial<TensorHeader>, rest: Uint8Array<ArrayBuffer>): { name: string; tensor: Tensor } {
  const { name, dtype, shape } = header;
  const array = dtype !== undefined && Object.hasOwn(arrayOf, dtype) ? arrayOf[dtype] : undefined;
  const sizes = Array.isArray(shape) && shape.every((size) => Number.isInteger(size) && size >= 0);
  if (typeof name !== 'string' || array === undefined || !sizes) throw new Error('a tensor has another form');
  const width = (array as unknown as { BYTES_PER_ELEMENT: number }).BYTES_PER_ELEMENT;
  const dataBytes = shape!.reduce((product, size) => product * size, width);
  if (dataBytes > rest.length) throw new Error(`tensor ${name} is cut off`);
  const data = new array(rest.slice(0, dataBytes).buffer);
  return { name, tensor: { dtype: dtype!, shape: shape!, data } };
}
