import { describe, expect, it } from 'vitest';
import { openDevice } from '../../../src/device/registry.ts';
import { parseSerial } from '../../../src/device/transports/serial.ts';

describe('serial', () => {
  it('parses path and baud rate', () => {
    expect(parseSerial('/dev/ttyACM0')).toEqual({ path: '/dev/ttyACM0', baud: 115_200 });
    expect(parseSerial('COM3:921600')).toEqual({ path: 'COM3', baud: 921_600 });
    expect(parseSerial('/dev/serial/by-path/pci-0000:00:14.0-usb:57600')).toMatchObject({ baud: 57_600 });
  });

  it.each(['serial', 'serial:/dev/ttyACM0:10', 'serial:/dev/ttyACM0:99999999'])('refuses %s', async (spec) => {
    await expect(openDevice(spec)).rejects.toMatchObject({ code: 'USAGE' });
  });

  it('tells which ports there are when the one asked for does not exist', async () => {
    const missing = process.platform === 'win32' ? 'COM250' : '/dev/no-such-port';
    const error = await openDevice(`serial:${missing}`).catch((e: Error) => e);
    expect(error).toMatchObject({ code: 'DEVICE_UNAVAILABLE' });
    expect((error as Error).message).toMatch(/does not exist.*(Present:|no serial port)/s);
  });
});
