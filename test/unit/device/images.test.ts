/** The firmware images in the repository: each is the one of the manifest, small, and for a board that can be opened. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { qemuBoards } from '../../../src/device/transports/qemu.ts';
import { readUf2 } from '../../../src/device/uf2.ts';
import { exportUf2 } from '../../../src/package/export-uf2.ts';

const folder = new URL('../../../runtime-kernels/prebuilt/', import.meta.url);
const ports = new URL('../../../runtime-kernels/firmware/ports/', import.meta.url);
const { images } = JSON.parse(readFileSync(new URL('manifest.json', folder), 'utf8')) as {
  images: Record<string, { file: string; bytes: number; sha256: string; compiler: string; sourcesSha256: string }>;
};

describe('prebuilt firmware', () => {
  it.each(Object.entries(images))('%s is the image of the manifest', (_name, { file, bytes, sha256, compiler }) => {
    const image = readFileSync(new URL(file, folder));
    expect(image.length).toBe(bytes);
    expect(image.length).toBeLessThan(300_000);
    expect(createHash('sha256').update(image).digest('hex')).toBe(sha256);
    expect(compiler).toMatch(/gcc/);
  });

  it('is there for every port and every emulated board, and for nothing else', () => {
    const withImage = readdirSync(ports, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('port.json'))
      .map((file) => file.replace(/[\\/]port\.json$/, ''));
    expect(Object.keys(images).sort()).toEqual(withImage.sort());
    expect(Object.keys(images)).toEqual(expect.arrayContaining(Object.keys(qemuBoards)));
    const files = Object.values(images).map(({ file }) => file);
    expect(readdirSync(folder).sort()).toEqual([...files, 'manifest.json'].sort());
  });
});

describe('UF2', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 1000 }), (image) => {
        const blocks = readUf2(exportUf2(image, 0x20000000, 0xe48bff56), 'x');
        const joined = blocks.flatMap(({ bytes }) => [...bytes]);
        expect(joined.slice(0, image.length)).toEqual([...image]);
        expect(blocks.map(({ address }) => address)).toEqual(blocks.map((_, index) => 0x20000000 + 256 * index));
      }),
    );
  });

  it('is refused when it is cut, changed or something else', () => {
    const file = exportUf2(new Uint8Array(700), 0x20000000, 1);
    expect(() => readUf2(file.subarray(0, 1024), 'x')).toThrow(/no whole UF2/);
    expect(() => readUf2(file.subarray(0, 1500), 'x')).toThrow(/no whole UF2/);
    expect(() => readUf2(new Uint8Array(0), 'x')).toThrow(/no whole UF2/);
    file[512 + 16] = 255;
    file[512 + 17] = 255;
    expect(() => readUf2(file, 'x')).toThrow(/no whole UF2/);
  });
});
