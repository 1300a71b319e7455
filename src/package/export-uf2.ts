/** program.bin as UF2 blocks (USB Flashing Format: 512-byte blocks of 256 data bytes), for boards that appear as a drive. */
import { checkAddress } from './export-hex.ts';

const blockBytes = 512;
const payloadBytes = 256;
const familyIdPresent = 0x2000;

/** Family ids of the UF2 specification that our targets use. */
export const uf2Families = { rp2040: 0xe48bff56 } as const;

export function exportUf2(bytes: Uint8Array, addressBytes: number, familyId: number): Uint8Array<ArrayBuffer> {
  checkAddress(addressBytes, bytes.length);
  const blocks = Math.ceil(bytes.length / payloadBytes);
  const image = new Uint8Array(blocks * blockBytes);
  const view = new DataView(image.buffer);
  for (let block = 0; block < blocks; block++) {
    const at = block * blockBytes;
    const words = [
      0x0a324655,
      0x9e5d5157,
      familyIdPresent,
      addressBytes + block * payloadBytes,
      payloadBytes,
      block,
      blocks,
      familyId,
    ];
    words.forEach((word, index) => {
      view.setUint32(at + 4 * index, word, true);
    });
    image.set(bytes.subarray(block * payloadBytes, (block + 1) * payloadBytes), at + 32);
    view.setUint32(at + blockBytes - 4, 0x0ab16f30, true);
  }
  return image;
}
