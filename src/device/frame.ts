/** Frames of the link protocol (docs/link-protocol.md): byte stuffing, checksum and limits. Not what the frames mean. */
import { crc32 } from '../base/bytes.ts';
import { linkLimits } from './protocol-spec.ts';

export interface Frame {
  readonly type: number;
  readonly sequence: number;
  readonly payload: Uint8Array<ArrayBuffer>;
}

const contentBytesMax = linkLimits.payloadBytesMax + linkLimits.frameOverheadBytes;
const pieceBytesMax = 254;

/** The bytes on the wire: a zero, the stuffed content with its CRC-32, a zero. */
export function encodeFrame(frame: Omit<Frame, 'payload'> & { readonly payload: Uint8Array }): Uint8Array<ArrayBuffer> {
  const content = new Uint8Array(frame.payload.length + linkLimits.frameOverheadBytes);
  content[0] = frame.type;
  content[1] = frame.sequence;
  content.set(frame.payload, 2);
  new DataView(content.buffer).setUint32(content.length - 4, crc32(content.subarray(0, -4)), true);
  return stuff(content);
}

function stuff(content: Uint8Array): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(content.length + Math.ceil((content.length + 1) / pieceBytesMax) + 3);
  let at = 1;
  let start = 0;
  while (start <= content.length) {
    let end = start;
    while (end < content.length && content[end] !== 0 && end - start < pieceBytesMax) end++;
    out[at] = end - start + 1;
    out.set(content.subarray(start, end), at + 1);
    at += end - start + 1;
    start = end - start === pieceBytesMax ? end : end + 1;
  }
  return out.slice(0, at + 1);
}

/** Finds frames in a stream of bytes. Damaged and over-long ones are counted and skipped: the next zero is a new start. */
export class FrameDecoder {
  #content = new Uint8Array(256);
  #length = 0;
  #code = 0;
  #left = 0;
  #tooLong = false;
  /** Frames that ended with wrong stuffing, length or checksum. */
  damaged = 0;

  /** The whole, undamaged frames that these bytes complete. */
  push(bytes: Uint8Array): Frame[] {
    const frames: Frame[] = [];
    for (const byte of bytes) {
      if (byte !== 0) {
        this.#take(byte);
        continue;
      }
      if (this.#code !== 0) {
        const frame = this.#finish();
        if (frame === null) this.damaged++;
        else frames.push(frame);
      }
      this.#length = 0;
      this.#code = 0;
      this.#left = 0;
      this.#tooLong = false;
    }
    return frames;
  }

  #take(byte: number): void {
    if (this.#left > 0) {
      this.#append(byte);
      this.#left--;
      return;
    }
    if (this.#code !== 0 && this.#code !== pieceBytesMax + 1) this.#append(0);
    this.#code = byte;
    this.#left = byte - 1;
  }

  #append(byte: number): void {
    if (this.#length === contentBytesMax) {
      this.#tooLong = true;
      return;
    }
    if (this.#length === this.#content.length) {
      const grown = new Uint8Array(Math.min(this.#content.length * 2, contentBytesMax));
      grown.set(this.#content);
      this.#content = grown;
    }
    this.#content[this.#length++] = byte;
  }

  #finish(): Frame | null {
    const checked = this.#length - 4;
    if (this.#tooLong || this.#left > 0 || this.#length < linkLimits.frameOverheadBytes) return null;
    const crc = new DataView(this.#content.buffer).getUint32(checked, true);
    if (crc32(this.#content.subarray(0, checked)) !== crc) return null;
    return { type: this.#content[0]!, sequence: this.#content[1]!, payload: this.#content.slice(2, checked) };
  }
}
