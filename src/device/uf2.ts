/**
 * Reads UF2, the file that is dragged onto a Raspberry Pi Pico: 512-byte blocks that each carry up to 476 bytes and the address where they
 * go (github.com/microsoft/uf2). The emulator boots the same file as the board.
 */
import { BitwrightError } from '../base/errors.ts';

const blockBytes = 512;
const magicStart0 = 0x0a324655;
const magicStart1 = 0x9e5d5157;
const magicEnd = 0x0ab16f30;

export interface Uf2Block {
  readonly address: number;
  readonly bytes: Uint8Array;
}

/** Throws ARTIFACT_INVALID for anything that is no whole UF2 file. */
export function readUf2(file: Uint8Array, where: string): Uf2Block[] {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const count = file.length / blockBytes;
  const blocks: Uf2Block[] = [];
  for (let at = 0; at + blockBytes <= file.length; at += blockBytes) {
    const size = view.getUint32(at + 16, true);
    const right =
      view.getUint32(at, true) === magicStart0 &&
      view.getUint32(at + 4, true) === magicStart1 &&
      view.getUint32(at + blockBytes - 4, true) === magicEnd &&
      size <= blockBytes - 36 &&
      view.getUint32(at + 24, true) === count;
    if (!right) break;
    blocks.push({ address: view.getUint32(at + 12, true), bytes: file.subarray(at + 32, at + 32 + size) });
  }
  if (blocks.length === 0 || blocks.length !== count) {
    throw new BitwrightError('ARTIFACT_INVALID', {
      message: 'is no whole UF2 file',
      where,
      seen: `${blocks.length} good blocks in ${file.length} bytes`,
      allowed: 'blocks of 512 bytes, as many as each one says',
      next: 'Build the firmware again with `npm run build:firmware`.',
    });
  }
  return blocks;
}
