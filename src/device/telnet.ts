/**
 * The part of Telnet (RFC 854) that a serial port server speaks: binary data with doubled 255s, option negotiation, and subnegotiations of the
 * COM-PORT option (RFC 2217). Bytes in, events out; no socket here.
 */

export const telnet = {
  subnegotiationEnd: 240,
  subnegotiation: 250,
  will: 251,
  wont: 252,
  doIt: 253,
  dont: 254,
  escape: 255,
  optionBinary: 0,
  optionSuppressGoAhead: 3,
  optionComPort: 44,
} as const;

const subnegotiationBytesMax = 256;

export type TelnetEvent =
  | { readonly kind: 'negotiation'; readonly command: number; readonly option: number }
  | { readonly kind: 'subnegotiation'; readonly bytes: Uint8Array };

/** Data with every 255 doubled. */
export function escapeTelnet(bytes: Uint8Array): Uint8Array {
  const count = bytes.reduce((sum, byte) => sum + (byte === telnet.escape ? 1 : 0), 0);
  if (count === 0) return bytes;
  const out = new Uint8Array(bytes.length + count);
  let at = 0;
  for (const byte of bytes) {
    out[at++] = byte;
    if (byte === telnet.escape) out[at++] = byte;
  }
  return out;
}

export function negotiate(command: number, option: number): Uint8Array {
  return Uint8Array.of(telnet.escape, command, option);
}

export function subnegotiate(bytes: Uint8Array): Uint8Array {
  const inner = escapeTelnet(bytes);
  return Uint8Array.of(telnet.escape, telnet.subnegotiation, ...inner, telnet.escape, telnet.subnegotiationEnd);
}

/** Splits what a server sends into data and events. Over-long subnegotiations are cut; nothing a server sends makes it grow or hang. */
export class TelnetDecoder {
  #state: 'data' | 'escape' | 'option' | 'subnegotiation' | 'subnegotiation-escape' = 'data';
  #command = 0;
  #inner: number[] = [];
  readonly #onEvent: (event: TelnetEvent) => void;

  constructor(onEvent: (event: TelnetEvent) => void) {
    this.#onEvent = onEvent;
  }

  /** The data among these bytes. */
  push(bytes: Uint8Array): Uint8Array {
    const data = new Uint8Array(bytes.length);
    let length = 0;
    for (const byte of bytes) {
      if (this.#state === 'data' && byte !== telnet.escape) data[length++] = byte;
      else if (this.#state === 'escape' && byte === telnet.escape) {
        this.#state = 'data';
        data[length++] = byte;
      } else this.#control(byte);
    }
    return data.subarray(0, length);
  }

  #control(byte: number): void {
    switch (this.#state) {
      case 'data':
        this.#state = 'escape';
        return;
      case 'escape':
        this.#command = byte;
        this.#inner = [];
        if (byte === telnet.subnegotiation) this.#state = 'subnegotiation';
        else this.#state = byte >= telnet.will && byte <= telnet.dont ? 'option' : 'data';
        return;
      case 'option':
        this.#state = 'data';
        this.#onEvent({ kind: 'negotiation', command: this.#command, option: byte });
        return;
      case 'subnegotiation':
        if (byte === telnet.escape) this.#state = 'subnegotiation-escape';
        else this.#append(byte);
        return;
      case 'subnegotiation-escape':
        this.#state = byte === telnet.escape ? 'subnegotiation' : 'data';
        if (byte === telnet.escape) this.#append(byte);
        else this.#onEvent({ kind: 'subnegotiation', bytes: Uint8Array.from(this.#inner) });
    }
  }

  #append(byte: number): void {
    if (this.#inner.length < subnegotiationBytesMax) this.#inner.push(byte);
  }
}
