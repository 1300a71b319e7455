/** Constants as bytes: int4 and int2 codes packed lowest bits first over the flat tensor, everything else little-endian. */
import { assert } from '../base/errors.ts';
import type { ProgramConstant } from '../graph/integer-program.ts';

/** Packed bytes are kept per constant object: a search packs programs that differ in one or two constants. */
const packed = new WeakMap<ProgramConstant, Uint8Array>();

export function packConstant(constant: ProgramConstant): Uint8Array {
  let bytes = packed.get(constant);
  if (bytes === undefined) {
    bytes = constantBytes(constant);
    packed.set(constant, bytes);
  }
  return bytes;
}

function constantBytes({ name, packing, data }: ProgramConstant): Uint8Array {
  switch (packing) {
    case 'int2':
    case 'int4':
      assert(data instanceof Int8Array, `The constant ${name} is packed as ${packing} and must hold int8 codes.`);
      return packCodes(data, packing === 'int2' ? 2 : 4);
    case 'int8':
      return littleEndian(data, 1);
    case 'int16':
      return littleEndian(data, 2);
    case 'int32':
      return littleEndian(data, 4);
    case 'int64':
      return littleEndian(data, 8);
  }
}

/** Packs codes of `bits` (2 or 4) into bytes, lowest bits first; a code outside the range is a bug. */
export function packCodes(codes: Int8Array, bits: 2 | 4): Uint8Array<ArrayBuffer> {
  const perByte = 8 / bits;
  const mask = (1 << bits) - 1;
  const limit = 1 << (bits - 1);
  const bytes = new Uint8Array(Math.ceil(codes.length / perByte));
  for (let index = 0; index < codes.length; index++) {
    const code = codes[index]!;
    assert(code >= -limit && code < limit, `Code ${code} at ${index} does not fit into ${bits} bits.`);
    bytes[Math.floor(index / perByte)]! |= (code & mask) << ((index % perByte) * bits);
  }
  return bytes;
}

/** The inverse of `packCodes`: `count` sign-extended codes. */
export function unpackCodes(bytes: Uint8Array, bits: 2 | 4, count: number): Int8Array<ArrayBuffer> {
  const perByte = 8 / bits;
  const codes = new Int8Array(count);
  for (let index = 0; index < count; index++) {
    const code = bytes[Math.floor(index / perByte)]! >> ((index % perByte) * bits);
    codes[index] = (code << (32 - bits)) >> (32 - bits);
  }
  return codes;
}

function littleEndian(data: ProgramConstant['data'], bytesPerElement: number): Uint8Array {
  assert(
    data.BYTES_PER_ELEMENT === bytesPerElement,
    `A constant of ${data.BYTES_PER_ELEMENT} byte elements is declared as ${bytesPerElement}.`,
  );
  // Every platform that runs Node or a browser with WASM is little-endian, so the array's own bytes are the blob's.
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
