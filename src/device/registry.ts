/**
 * Every device by its name in the DEVICE argument. NEW DEVICE OR TRANSPORT: one file in devices/ or transports/ and one line here; a file is
 * loaded only when its device is asked for.
 */
import { BitwrightError } from '../base/errors.ts';
import type { Device, DeviceOpenOptions, DeviceProvider } from './device.ts';

type Load = () => Promise<{ readonly provider: DeviceProvider }>;

const loaders: Readonly<Record<string, Load>> = {
  reference: () => import('./devices/reference.ts'),
  simulator: () => import('./devices/simulator.ts'),
  'pico-emulator': () => import('./transports/pico-emulator.ts'),
  qemu: () => import('./transports/qemu.ts'),
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
  if (load !== undefined) return (await load()).provider.open(argument, options);
  const usages = (await deviceProviders()).map(({ usage }) => `  ${usage}`);
  throw new BitwrightError('DEVICE_UNKNOWN', {
    message: 'is no device that bitwright knows',
    where: `--device ${spec}`,
    next: `Devices:\n${usages.join('\n')}`,
  });
}
