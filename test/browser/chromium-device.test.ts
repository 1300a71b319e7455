/** The demo's model, quantized for ONNX Runtime, inside a real browser: no differing element, and nothing is left when it ends. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { openDevice } from '../../src/device/registry.ts';
import { unpack } from '../../src/package/unpack.ts';
import type { CodeArray } from '../../src/simulate/engine.ts';
import { runReference } from '../../src/simulate/reference-engine.ts';
import { entry, runCli, runJson } from '../unit/cli/run-cli.ts';
import { randomInputs } from '../unit/simulate/sample-program.ts';
import { chromiumInstalled } from './installed.ts';

const folder = mkdtempSync(join(tmpdir(), 'bitwright-browser-'));
const out = join(folder, 'OUT');
const validate = ['validate', out, '--device', 'chromium', '--data', 'models/demo-test.json', '--limit'];
const profileFolders = (): string[] => readdirSync(folder).filter((name) => name.startsWith('bitwright-chromium-'));

interface Verdict {
  readonly outcome: string;
  readonly mismatches: number;
  readonly compared: number;
  readonly device: { readonly kind: string; readonly evidence: string };
  readonly layers: { readonly compared: number; readonly mismatches: number };
}

describe.skipIf(!chromiumInstalled)('the chromium device', () => {
  beforeAll(() => {
    const data = ['--data', 'models/demo-calibration.json', '--samples', '32'];
    const argv = ['quantize', 'models/demo-mnist.onnx', '--target', 'onnxruntime', '--method', 'max-abs', '-o', out];
    const { status, stderr } = runCli([...argv, ...data, '--quiet']);
    expect(status, stderr).toBe(0);
  }, 300_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('validates the demo with no differing element', () => {
    const { status, document } = runJson<Verdict>([...validate, '50'], { TMPDIR: folder });
    expect(status).toBe(0);
    expect(document).toMatchObject({ outcome: 'pass', mismatches: 0, compared: 500 });
    expect(document.device).toMatchObject({ kind: 'chromium', evidence: 'device' });
    expect(document.layers.compared).toBeGreaterThan(5);
    expect(document.layers.mismatches).toBe(0);
    expect(profileFolders()).toEqual([]);
  });

  it('reads back every operation as the reference computes it', async () => {
    const bytes = new Uint8Array(readFileSync(join(out, 'program.bin')));
    const program = unpack(bytes);
    const device = await openDevice('chromium', { outFolder: out });
    try {
      expect(device.info.firmware).toMatch(/^Chrome\/[\d.]+; onnxruntime-web 1\./);
      await expect(device.load(bytes.slice(0, -1))).rejects.toMatchObject({ code: 'DEVICE_MISMATCH' });
      expect(await device.load(bytes)).toEqual({ arenaBytes: null });
      const inputs = randomInputs(program, 1, 5);
      const operations: CodeArray[] = [];
      const outputs = runReference(program, inputs, (_operation, _index, codes) => operations.push(codes.slice()));
      const run = await device.run(inputs);
      expect(run.outputs).toEqual(outputs);
      expect(run.cost).toBeGreaterThan(1000);
      for (const [index, codes] of operations.entries())
        expect(await device.readOperation(inputs, index)).toEqual(codes);
    } finally {
      await device.close();
    }
  });

  it.skipIf(process.platform !== 'linux')('tells at once that its page has crashed', async () => {
    vi.stubEnv('TMPDIR', folder);
    const device = await openDevice('chromium', { outFolder: out }).finally(() => vi.unstubAllEnvs());
    try {
      for (const id of browsersOf('--type=renderer')) process.kill(Number(id), 'SIGKILL');
      const load = device.load(new Uint8Array(readFileSync(join(out, 'program.bin'))));
      await expect(load).rejects.toMatchObject({
        code: 'LINK_FAILED',
        message: expect.stringContaining('closed or crashed') as string,
      });
    } finally {
      await device.close();
    }
  });

  it.skipIf(process.platform !== 'linux').each(['SIGINT', 'SIGKILL'] as const)(
    'ends with the process that a %s ends',
    async (signal) => {
      const child = spawn(process.execPath, [entry, ...validate, '1000', '--quiet'], {
        cwd: new URL('../../', import.meta.url),
        env: { ...process.env, TMPDIR: folder },
        stdio: 'ignore',
      });
      const before = new Set(profileFolders());
      const started = (): string | undefined => profileFolders().find((name) => !before.has(name));
      while (started() === undefined || browsersOf(started()!).length === 0) await pause();
      const profile = started()!;
      child.kill(signal);
      await once(child, 'exit');
      while (browsersOf(profile).length > 0) await pause();
      if (signal === 'SIGINT') expect(profileFolders()).not.toContain(profile);
    },
  );
});

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 100));

/** Process ids of browsers of this test and their helpers that have the word in their command line, from Linux' /proc. */
function browsersOf(word: string): string[] {
  const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return processes.filter((id) => {
    try {
      const commandLine = readFileSync(`/proc/${id}/cmdline`, 'utf8');
      return commandLine.includes(join(folder, 'bitwright-chromium-')) && commandLine.includes(word);
    } catch {
      return false;
    }
  });
}
