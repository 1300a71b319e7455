/**
 * The Raspberry Pi Pico as software: rp2040js runs the very UF2 image that a real Pico is flashed with, and its UART is the stream of bytes.
 * It counts cycles, needs nothing installed, and gives other work its turn every few milliseconds.
 */
import { readFile } from 'node:fs/promises';
import { BitwrightError } from '../../base/errors.ts';
import type { Device, DeviceOpenOptions, DeviceProvider } from '../device.ts';
import { openSession } from '../session.ts';
import type { ByteTransport } from '../transport.ts';
import { readUf2 } from '../uf2.ts';
import { startPico } from './pico-machine.ts';

const imageUrl = new URL('../../../runtime-kernels/prebuilt/rp2040-pico.uf2', import.meta.url);
const description = 'emulated Raspberry Pi Pico';
/** An emulator shares the processor with everything else: a reply that is late is not lost. */
const latencyMs = 5000;

async function openTransport(): Promise<ByteTransport> {
  const image = await readFile(imageUrl).catch((cause: unknown) => {
    throw new BitwrightError(
      'DEVICE_UNAVAILABLE',
      {
        message: 'its firmware image is missing',
        where: 'runtime-kernels/prebuilt/rp2040-pico.uf2',
        next: 'Reinstall bitwright, or build it with `npm run build:firmware`.',
      },
      { cause },
    );
  });
  const machine = await startPico(readUf2(image, 'rp2040-pico.uf2'));
  return {
    description,
    baud: null,
    latencyMs,
    write: async (bytes) => machine.feed(bytes),
    onBytes: machine.onBytes,
    onEnd: machine.onEnd,
    close: async () => machine.stop(),
  };
}

async function open(argument: string, options: DeviceOpenOptions): Promise<Device> {
  if (argument !== '') {
    throw new BitwrightError('USAGE', {
      message: 'takes no argument',
      where: 'pico-emulator',
      seen: argument,
      next: 'Use `--device pico-emulator`.',
    });
  }
  const transport = await openTransport();
  return openSession(transport, { ...options, kind: 'pico-emulator', id: 'pico-emulator', evidence: 'emulator' });
}

export const provider: DeviceProvider = {
  kind: 'pico-emulator',
  usage: 'pico-emulator: a Raspberry Pi Pico (Cortex-M0+) emulated by rp2040js; needs nothing else',
  probe: async () => ({ available: true, detail: 'rp2040js, image runtime-kernels/prebuilt/rp2040-pico.uf2' }),
  open,
};
