/**
 * The Raspberry Pi Pico as software: rp2040js runs the very UF2 image that a real Pico is flashed with, and its UART is the stream of bytes.
 * It counts cycles and needs nothing installed.
 */
import { readFile } from 'node:fs/promises';
import { BitwrightError } from '../../base/errors.ts';
import { refuseArgument } from '../arguments.ts';
import { startPico } from '../pico-machine.ts';
import { deviceProvider } from '../session.ts';
import type { ByteTransport, TransportProvider } from '../transport.ts';
import { readUf2 } from '../uf2.ts';

const imageName = 'runtime-kernels/prebuilt/rp2040-pico.uf2';
const imageUrl = new URL(`../../../${imageName}`, import.meta.url);
/** An emulator shares the processor with everything else: a reply that is late is not lost. */
const latencyMs = 5000;

async function connect(argument: string): Promise<ByteTransport> {
  refuseArgument('pico-emulator', argument);
  const image = await readFile(imageUrl).catch((cause: unknown) => {
    const issue = {
      message: 'its firmware image is missing',
      where: imageName,
      next: 'Reinstall bitwright, or build it with `npm run build:firmware`.',
    };
    throw new BitwrightError('DEVICE_UNAVAILABLE', issue, { cause });
  });
  const machine = await startPico(readUf2(image, imageName));
  return {
    description: 'emulated Raspberry Pi Pico',
    baud: null,
    latencyMs,
    evidence: 'emulator',
    write: async (bytes) => machine.feed(bytes),
    onBytes: machine.onBytes,
    onEnd: machine.onEnd,
    close: async () => machine.stop(),
  };
}

export const transport: TransportProvider = {
  kind: 'pico-emulator',
  usage: 'pico-emulator: a Raspberry Pi Pico (Cortex-M0+) emulated by rp2040js; needs nothing else',
  startMs: 60_000,
  probe: async () => ({ available: true, detail: `rp2040js with ${imageName}` }),
  connect,
};

export const provider = deviceProvider(transport);
