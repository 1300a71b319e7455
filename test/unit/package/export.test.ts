import { describe, expect, test } from 'vitest';
import { exportHex } from '../../../src/package/export-hex.ts';
import { exportUf2, uf2Families } from '../../../src/package/export-uf2.ts';

describe('exportHex', () => {
  test('gives the record of the format description: 16 bytes at 0x0100', () => {
    const bytes = Uint8Array.of(
      0x21,
      0x46,
      0x01,
      0x36,
      0x01,
      0x21,
      0x47,
      0x01,
      0x36,
      0x00,
      0x7e,
      0xfe,
      0x09,
      0xd2,
      0x19,
      0x01,
    );
    const lines = exportHex(bytes, 0x0100).split('\n');
    expect(lines[0]).toBe(':020000040000FA');
    expect(lines[1]).toBe(':10010000214601360121470136007EFE09D2190140');
    expect(lines[2]).toBe(':00000001FF');
  });

  test('starts a new address record at each 64 KiB', () => {
    const lines = exportHex(new Uint8Array(32), 0x1000fff0).split('\n');
    expect(lines.filter((line) => line.slice(7, 9) === '04')).toEqual([':020000041000EA', ':020000041001E9']);
  });

  test('refuses an address off the grid', () => {
    expect(() => exportHex(new Uint8Array(4), 8)).toThrow(/multiple of 16/);
  });
});

describe('exportUf2', () => {
  test('frames 256 bytes a block with magics, counters and family', () => {
    const image = exportUf2(
      Uint8Array.from({ length: 300 }, (_, index) => index & 0xff),
      0x10100000,
      uf2Families.rp2040,
    );
    const view = new DataView(image.buffer);
    expect(image.length).toBe(1024);
    expect(String.fromCharCode(...image.subarray(0, 4))).toBe('UF2\n');
    expect(view.getUint32(512 + 12, true)).toBe(0x10100100);
    expect([view.getUint32(512 + 20, true), view.getUint32(512 + 24, true)]).toEqual([1, 2]);
    expect(view.getUint32(28, true)).toBe(0xe48bff56);
    expect(image[512 + 32]).toBe(0);
    expect(view.getUint32(1020, true)).toBe(0x0ab16f30);
  });
});
