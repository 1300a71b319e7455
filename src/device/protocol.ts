/** Payloads of messages to objects and back, by the field lists of protocol-spec.ts. What a device sends is untrusted. */
import { ByteWriter } from '../base/bytes.ts';
import { assert } from '../base/errors.ts';
import { describeStatus } from '../graph/status-codes.ts';
import { type FieldKind, type FieldSpec, linkStatus, messages } from './protocol-spec.ts';

export type MessageName = keyof typeof messages;

type FieldValue<K extends FieldKind> = K extends 'bytes'
  ? Uint8Array
  : K extends 'u8List' | 'u16List'
    ? readonly number[]
    : K extends 'text'
      ? string
      : number;

export type FieldValues<F extends readonly FieldSpec[]> = {
  readonly [E in F[number] as E['name']]: FieldValue<E['kind']>;
};

export type Request<N extends MessageName> = FieldValues<(typeof messages)[N]['request']>;
export type Reply<N extends MessageName> = FieldValues<(typeof messages)[N]['reply']>;

/** Payload of a request. Values out of range are a bug of the caller. */
export function encodeRequest<N extends MessageName>(name: N, values: Request<N>): Uint8Array<ArrayBuffer> {
  const writer = new ByteWriter();
  for (const field of messages[name].request as readonly FieldSpec[]) {
    const value = (values as Record<string, number | Uint8Array>)[field.name]!;
    if (value instanceof Uint8Array) {
      writer.bytes(value);
      continue;
    }
    const bits = { u8: 8, u16: 16, u32: 32 }[field.kind as string];
    assert(bits !== undefined && Number.isInteger(value) && value >= 0 && value < 2 ** bits, `${name}.${field.name}`);
    if (bits === 8) writer.u8(value);
    else if (bits === 16) writer.u16(value);
    else writer.u32(value);
  }
  return writer.finish();
}

/** Fields of a payload, or null where it ends too early or holds what no device may send. Bytes after the last field are ignored. */
export function decodeFields<F extends readonly FieldSpec[]>(fields: F, payload: Uint8Array): FieldValues<F> | null {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  const values: Record<string, number | string | Uint8Array | number[]> = {};
  let at = 0;
  for (const { name, kind } of fields) {
    const read = readField(view, at, kind);
    if (read === null) return null;
    values[name] = read.value;
    at += read.bytes;
  }
  return values as FieldValues<F>;
}

interface ReadField {
  readonly value: number | string | Uint8Array | number[];
  readonly bytes: number;
}

const fixedBytes: Partial<Record<FieldKind, number>> = { u8: 1, u16: 2, i16: 2, u32: 4, u64: 8 };

function readField(view: DataView, at: number, kind: FieldKind): ReadField | null {
  const left = view.byteLength - at;
  if (kind === 'bytes') return { value: new Uint8Array(view.buffer, view.byteOffset + at, left), bytes: left };
  const bytes = fixedBytes[kind];
  if (bytes === undefined) return readCounted(view, at, kind);
  if (left < bytes) return null;
  switch (kind) {
    case 'u8':
      return { value: view.getUint8(at), bytes };
    case 'u16':
      return { value: view.getUint16(at, true), bytes };
    case 'i16':
      return { value: view.getInt16(at, true), bytes };
    case 'u32':
      return { value: view.getUint32(at, true), bytes };
    default: {
      const value = Number(view.getBigUint64(at, true));
      return Number.isSafeInteger(value) ? { value, bytes } : null;
    }
  }
}

function readCounted(view: DataView, at: number, kind: FieldKind): ReadField | null {
  if (at >= view.byteLength) return null;
  const count = view.getUint8(at);
  const itemBytes = kind === 'u16List' ? 2 : 1;
  const bytes = 1 + count * itemBytes;
  if (at + bytes > view.byteLength) return null;
  const items = Array.from({ length: count }, (_, index) =>
    kind === 'u16List' ? view.getUint16(at + 1 + 2 * index, true) : view.getUint8(at + 1 + index),
  );
  if (kind !== 'text') return { value: items, bytes };
  return items.every((code) => code >= 0x20 && code < 0x7f) ? { value: String.fromCharCode(...items), bytes } : null;
}

/** A status in words, for errors. */
export function statusText(code: number): string {
  const link = Object.values(linkStatus).find((status) => status.code === code);
  return link?.text ?? describeStatus(code)?.sentence ?? `status ${code}, which this version does not know`;
}
