/**
 * Every device by its name in the DEVICE argument. NEW DEVICE OR TRANSPORT: one file in devices/ or transports/ and one line here; a file is
 * loaded only when its device is asked for.
 */
import { BitwrightError } from '../base/errors.ts';
import type { Device, DeviceOpenOptions, DeviceProvider } from './device.ts';
import { deviceProvider } from './session.ts';
import type { TransportProvider } from './transport.ts';

type Load = () => Promise<{ readonly provider: DeviceProvider; readonly transport?: TransportProvider }>;

const loaders: Readonly<Record<string, Load>> = {
  reference: () => import('./devices/reference.ts'),
  simulator: () => import('./devices/simulator.ts'),
  'onnxruntime-node': () => import('./devices/onnxruntime-node.ts'),
  'onnxruntime-web': () => import('./devices/onnxruntime-web.ts'),
  chromium: () => import('./devices/chromium.ts'),
  'pico-emulator': () => import('./transports/pico-emulator.ts'),
  qemu: () => import('./transports/qemu.ts'),
  serial: () => import('./transports/serial.ts'),
  tcp: () => import('./transports/tcp.ts'),
  rfc2217: () => import('./transports/rfc2217.ts'),
  flaky: async () => ({
    provider: deviceProvider((await import('./transports/flaky.ts')).flakyTransport(findTransport)),
  }),
};

/** Names of all devices, in the order in which users are told of them. */
export const deviceKinds: readonly string[] = Object.keys(loaders);

export async function deviceProviders(): Promise<DeviceProvider[]> {
  return Promise.all(Object.values(loaders).map(async (load) => (await load()).provider));
}

/** `NAME` or `NAME:ARGUMENT`. */
export function parseDevice(spec: string): { readonly kind: string; readonly argument: string } {
  const colon = spec.indexOf(':');
  return colon < 0 ? { kind: spec, argument: '' } : { kind: spec.slice(0, colon), argument: spec.slice(colon + 1) };
}

/**
 * Opens what a DEVICE argument names, such as `simulator`, `qemu:mps2-an386` or `serial:/dev/ttyACM0:921600`. Throws DEVICE_UNKNOWN with all
 * devices and their usage, and whatever the device itself throws.
 */
export async function openDevice(spec: string, options: DeviceOpenOptions = {}): Promise<Device> {
  const { kind, argument } = parseDevice(spec);
  const load = Object.hasOwn(loaders, kind) ? loaders[kind] : undefined;
  if (load === undefined) throw await unknownDevice(spec);
  return (await load()).provider.open(argument, options);
}

async function unknownDevice(spec: string): Promise<BitwrightError> {
  const usages = (await deviceProviders()).map(({ usage }) => `  ${usage}`);
  return new BitwrightError('DEVICE_UNKNOWN', {
    message: 'is no device that bitwright knows',
    where: `--device ${spec}`,
    next: `Devices:\n${usages.join('\n')}`,
  });
}

/** For devices that stand in front of another one: its stream of bytes. */
async function findTransport(
  spec: string,
): Promise<{ readonly transport: TransportProvider; readonly argument: string }> {
  const { kind, argument } = parseDevice(spec);
  const load = Object.hasOwn(loaders, kind) ? loaders[kind] : undefined;
  const transport = (await load?.())?.transport;
  if (transport !== undefined) return { transport, argument };
  throw new BitwrightError('USAGE', {
    message: load === undefined ? 'is no device that bitwright knows' : 'has no link that could be bad',
    where: spec,
    next: 'Use a device that is reached over a link, such as pico-emulator or serial:PATH.',
  });
}
