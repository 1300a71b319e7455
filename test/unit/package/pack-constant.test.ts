import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { packCodes, unpackCodes } from '../../../src/package/pack-constant.ts';

describe('packCodes', () => {
  test('puts the even element into the low nibble (ONNX raw_data order: 0x21 0xF8 0x07 is 1, 2, -8, -1, 7)', () => {
    expect([...packCodes(Int8Array.of(1, 2, -8, -1, 7), 4)]).toEqual([0x21, 0xf8, 0x07]);
  });

  test('packs four int2 codes to a byte, lowest bits first', () => {
    expect([...packCodes(Int8Array.of(1, -2, -1, 0, 1), 2)]).toEqual([0b00_11_10_01, 0b01]);
  });

  test('unpacks what it packed, odd lengths included', () => {
    for (const bits of [2, 4] as const) {
      const limit = 2 ** (bits - 1);
      fc.assert(
        fc.property(fc.array(fc.integer({ min: -limit, max: limit - 1 }), { maxLength: 33 }), (codes) => {
          expect([...unpackCodes(packCodes(Int8Array.from(codes), bits), bits, codes.length)]).toEqual(codes);
        }),
      );
    }
  });

  test('refuses a code that does not fit', () => {
    expect(() => packCodes(Int8Array.of(8), 4)).toThrow(/does not fit into 4 bits/);
  });
});
