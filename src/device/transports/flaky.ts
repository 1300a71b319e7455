/**
 * A bad line in front of any other transport: it drops, flips, repeats and delays bytes by a seeded generator, so that a failure can be run
 * again. For tests, for demonstrations, and to see what a link does on a bad cable.
 */
import { BitwrightError } from '../../base/errors.ts';
import { type Random, seededRandom } from '../../base/random.ts';
import type { DeviceOpenOptions } from '../device.ts';
import type { ByteTransport, TransportProvider } from '../transport.ts';

export interface Faults {
  readonly seed: number;
  /** Chance of a fault at each byte, either way; a fault is a lost, changed or repeated byte, or a pause. */
  readonly rate: number;
}

const pauseMsMax = 30;
/** A reply is repeated soon: on this line it is lost more often than late. */
const latencyMs = 150;

/** The same stream with faults. */
export function withFaults(inner: ByteTransport, faults: Faults): ByteTransport {
  const random = seededRandom(faults.seed);
  const sending = delayedQueue((bytes) => inner.write(bytes));
  return {
    ...inner,
    description: `${inner.description}, with faults (seed ${faults.seed})`,
    latencyMs: Math.min(inner.latencyMs, latencyMs),
    write: (bytes) => sending(damage(bytes, random, faults.rate), pause(random, faults.rate)),
    onBytes: (listener) => {
      const receiving = delayedQueue(async (bytes) => listener(bytes));
      inner.onBytes((bytes) => {
        receiving(damage(bytes, random, faults.rate), pause(random, faults.rate)).catch(() => {});
      });
    },
  };
}

function damage(bytes: Uint8Array, random: Random, rate: number): Uint8Array {
  const out: number[] = [];
  for (const byte of bytes) {
    if (random.next() >= rate) {
      out.push(byte);
      continue;
    }
    const fault = random.integer(0, 2);
    if (fault === 1) out.push(byte ^ (1 << random.integer(0, 7)));
    else if (fault === 2) out.push(byte, byte);
  }
  return Uint8Array.from(out);
}

function pause(random: Random, rate: number): number {
  return random.next() < 10 * rate ? random.integer(1, pauseMsMax) : 0;
}

/** Calls `deliver` in order, each after its delay. */
function delayedQueue(deliver: (bytes: Uint8Array) => Promise<void>): (bytes: Uint8Array, ms: number) => Promise<void> {
  let last: Promise<void> = Promise.resolve();
  return (bytes, ms) => {
    const turn = last.then(async () => {
      if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms));
      await deliver(bytes);
    });
    last = turn.catch(() => {});
    return turn;
  };
}

/** `RATE:SEED:DEVICE`. Throws USAGE. */
export function parseFlaky(argument: string): Faults & { readonly device: string } {
  const match = /^(\d*\.?\d+):(\d{1,9}):(.+)$/.exec(argument);
  const rate = Number(match?.[1]);
  if (match !== null && rate < 1) return { rate, seed: Number(match[2]), device: match[3]! };
  throw new BitwrightError('USAGE', {
    message: 'needs a rate, a seed and a device behind the bad line',
    where: 'flaky',
    seen: argument,
    allowed: 'flaky:RATE:SEED:DEVICE, RATE below 1 per byte',
    next: 'For example `--device flaky:0.001:7:pico-emulator`.',
  });
}

/** `find` tells the transport of a DEVICE argument, or throws. */
export function flakyTransport(
  find: (device: string) => Promise<{ readonly transport: TransportProvider; readonly argument: string }>,
): TransportProvider {
  return {
    kind: 'flaky',
    usage: 'flaky:RATE:SEED:DEVICE: any of the devices on a link, behind a line that makes RATE faults a byte',
    startMs: 60_000,
    probe: async () => ({ available: true, detail: 'part of bitwright; for tests' }),
    connect: async (argument: string, options: DeviceOpenOptions) => {
      const { device, ...faults } = parseFlaky(argument);
      const inner = await find(device);
      return withFaults(await inner.transport.connect(inner.argument, options), faults);
    },
  };
}
