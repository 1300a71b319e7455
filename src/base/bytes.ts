/** Little-endian bytes: a growing writer, a bounds-checked reader, and the CRC-32 (IEEE 802.3) that blobs and frames carry. */
import { BitwrightError } from './errors.ts';

export class ByteWriter {
  #buffer = new ArrayBuffer(1024);
  #view = new DataView(this.#buffer);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  u8(value: number): this {
    const at = this.#reserve(1);
    this.#view.setUint8(at, value);
    return this;
  }

  u16(value: number): this {
    const at = this.#reserve(2);
    this.#view.setUint16(at, value, true);
    return this;
  }

  u32(value: number): this {
    const at = this.#reserve(4);
    this.#view.setUint32(at, value >>> 0, true);
    return this;
  }

  i32(value: number): this {
    const at = this.#reserve(4);
    this.#view.setInt32(at, value, true);
    return this;
  }

  bytes(value: Uint8Array): this {
    const at = this.#reserve(value.length);
    new Uint8Array(this.#buffer).set(value, at);
    return this;
  }

  /** Pads with zero bytes to a multiple of `alignmentBytes`. */
  align(alignmentBytes: number): this {
    const rest = this.#length % alignmentBytes;
    if (rest !== 0) this.#reserve(alignmentBytes - rest);
    return this;
  }

  patchU32(offset: number, value: number): void {
    this.#view.setUint32(offset, value >>> 0, true);
  }

  finish(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#buffer.slice(0, this.#length));
  }

  /** May replace the view: call it before the view is used. */
  #reserve(count: number): number {
    const at = this.#length;
    this.#length += count;
    if (this.#length > this.#buffer.byteLength) {
      const grown = new ArrayBuffer(Math.max(this.#buffer.byteLength * 2, this.#length));
      new Uint8Array(grown).set(new Uint8Array(this.#buffer));
      this.#buffer = grown;
      this.#view = new DataView(grown);
    }
    return at;
  }
}

/** Reads little-endian values and throws `ARTIFACT_INVALID` past the end; `what` names the source in errors. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #what: string;
  offset = 0;

  constructor(bytes: Uint8Array, what: string) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#what = what;
  }

  get remaining(): number {
    return this.#bytes.length - this.offset;
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#take(2), true);
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  i32(): number {
    return this.#view.getInt32(this.#take(4), true);
  }

  bytes(count: number): Uint8Array {
    const at = this.#take(count);
    return this.#bytes.subarray(at, at + count);
  }

  #take(count: number): number {
    if (count < 0 || this.offset + count > this.#bytes.length) {
      throw new BitwrightError('ARTIFACT_INVALID', {
        message: 'ends too early',
        where: `${this.#what} at byte ${this.offset}`,
        seen: `${this.remaining} bytes left`,
        allowed: `${count} bytes`,
        next: 'The file or frame is truncated; make it again.',
      });
    }
    const at = this.offset;
    this.offset += count;
    return at;
  }
}

const crcTable = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

/** CRC-32 (IEEE 802.3, reflected, init and xor all ones) of the bytes; `previous` continues a run. */
export function crc32(bytes: Uint8Array, previous = 0): number {
  let crc = ~previous;
  for (let index = 0; index < bytes.length; index++) crc = (crc >>> 8) ^ crcTable[(crc ^ bytes[index]!) & 0xff]!;
  return ~crc >>> 0;
}
