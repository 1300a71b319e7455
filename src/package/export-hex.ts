/** program.bin as Intel HEX (data, extended linear address and end records), for programmers that write a flash partition. */
import { BitwrightError } from '../base/errors.ts';

const dataBytesPerRecord = 16;

/** `addressBytes` is where the first byte goes, a multiple of 16 below 2^32. */
export function exportHex(bytes: Uint8Array, addressBytes: number): string {
  checkAddress(addressBytes, bytes.length);
  const lines: string[] = [];
  let upper = -1;
  for (let start = 0; start < bytes.length; start += dataBytesPerRecord) {
    const address = addressBytes + start;
    const page = Math.floor(address / 0x10000);
    if (page !== upper) {
      lines.push(record(0, 0x04, Uint8Array.of(page >> 8, page & 0xff)));
      upper = page;
    }
    lines.push(record(address & 0xffff, 0x00, bytes.subarray(start, start + dataBytesPerRecord)));
  }
  lines.push(record(0, 0x01, new Uint8Array(0)));
  return `${lines.join('\n')}\n`;
}

/** Refuses an address that a programmer could not honour. */
export function checkAddress(addressBytes: number, length: number): void {
  const aligned = Number.isInteger(addressBytes) && addressBytes >= 0 && addressBytes % 16 === 0;
  if (aligned && addressBytes + length <= 2 ** 32) return;
  throw new BitwrightError('USAGE', {
    message: 'the address does not suit the image',
    where: '--address',
    seen: `0x${Number(addressBytes).toString(16)} for ${length} bytes`,
    allowed: 'a multiple of 16, ending below 2^32',
  });
}

function record(offset: number, type: number, data: Uint8Array): string {
  const body = [data.length, offset >> 8, offset & 0xff, type, ...data];
  const checksum = -body.reduce((sum, value) => sum + value, 0) & 0xff;
  return `:${[...body, checksum].map((value) => value.toString(16).padStart(2, '0').toUpperCase()).join('')}`;
}
