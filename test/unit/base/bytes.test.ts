import { describe, expect, test } from 'vitest';
import { ByteReader, ByteWriter, crc32 } from '../../../src/base/bytes.ts';

describe('crc32', () => {
  test('gives the check value of the CRC catalogue, whole and in parts', () => {
    const text = new TextEncoder().encode('123456789');
    expect(crc32(text)).toBe(0xcbf43926);
    expect(crc32(text.subarray(4), crc32(text.subarray(0, 4)))).toBe(0xcbf43926);
  });
});

describe('ByteWriter and ByteReader', () => {
  test('keep values across the growth of the buffer', () => {
    const writer = new ByteWriter();
    for (let index = 0; index < 1000; index++)
      writer
        .i32(-index)
        .u16(index)
        .u8(index & 0xff);
    const reader = new ByteReader(writer.finish(), 'test');
    for (let index = 0; index < 1000; index++)
      expect([reader.i32(), reader.u16(), reader.u8()]).toEqual([-index || 0, index, index & 0xff]);
    expect(reader.remaining).toBe(0);
  });

  test('are little-endian and align with zeros', () => {
    expect([...new ByteWriter().u32(0x01020304).u8(5).align(4).finish()]).toEqual([4, 3, 2, 1, 5, 0, 0, 0]);
  });

  test('refuse to read past the end, naming the byte', () => {
    const reader = new ByteReader(Uint8Array.of(1, 2), 'frame');
    expect(() => reader.u32()).toThrow(/frame at byte 0: ends too early/);
    expect(() => reader.bytes(-1)).toThrow(/ends too early/);
  });
});
