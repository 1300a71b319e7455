/** The verbs that look at the machine: devices and doctor. */
import { expect, test, vi } from 'vitest';
import { runCli, runJson } from './run-cli.ts';

// Every run is a process of its own, and CI machines are busy.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

interface DeviceEntry {
  readonly kind: string;
  readonly usage: string;
  readonly available: boolean;
  readonly detail: string;
}

test('devices says of each whether it can be used; what ships with bitwright always can', () => {
  const { status, document } = runJson<{ devices: DeviceEntry[] }>(['devices']);
  expect(status).toBe(0);
  const of = (kind: string): DeviceEntry => document.devices.find((device) => device.kind === kind)!;
  for (const kind of ['reference', 'simulator', 'onnxruntime-node', 'onnxruntime-web', 'pico-emulator']) {
    expect(of(kind), kind).toMatchObject({ available: true });
  }
  expect(document.devices.every(({ usage, kind }) => usage.startsWith(kind))).toBe(true);
});

test('without QEMU on the path that device is not usable, and doctor calls it missing, not broken', () => {
  const env = { PATH: '/nonexistent' };
  const { document } = runJson<{ devices: DeviceEntry[] }>(['devices'], env);
  const qemu = document.devices.find(({ kind }) => kind === 'qemu')!;
  expect(qemu.available).toBe(false);
  expect(qemu.detail).toMatch(/qemu-system/);
  const doctor = runJson<{ findings: { check: string; state: string }[] }>(['doctor'], env);
  expect(doctor.status).toBe(0);
  const states = new Map(doctor.document.findings.map(({ check, state }) => [check, state]));
  expect([states.get('Node'), states.get('float engine'), states.get('device qemu')]).toEqual(['ok', 'ok', 'missing']);
});

test('the tables are readable', () => {
  const { stdout } = runCli(['devices']);
  expect(stdout.split('\n')[0]).toMatch(/^device +usable +what it is +here$/);
  expect(runCli(['doctor']).stdout).toMatch(/^simulator +ok +\d+ workers start$/m);
});
