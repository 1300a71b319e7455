/** `bitwright finetune` through the built command line: the same bytes for the same seed, also across an interruption, and no differing bit. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Verdict } from '../../../src/validate/verdict.ts';
import { entry, repository, runCli, runJson } from './run-cli.ts';

// Every run is a process of its own, and CI machines are busy.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

let root = '';
let whole = '';
let document: { finetune: { stopped: string; best: { step: number }; judgements: { step: number; loss: number }[] } };

const command = (out: string, ...more: string[]): string[] => {
  const model = ['finetune', 'models/demo-mnist.onnx', '--target', 'rp2040-pico', '-o', out];
  const search = ['--data', 'models/demo-calibration.json', '--samples', '64', '--start', 'mmse', '--weights', '2'];
  const steps = ['--steps', '60', '--batch', '16', '--held-out', '0.002', '--judge-every', '30', '--shift', '1'];
  return [...model, ...search, ...steps, '--workers', '1', ...more];
};
const programOf = (out: string): Buffer => readFileSync(join(out, 'program.bin'));

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'bitwright-finetune-'));
  whole = join(root, 'whole');
  const run = runJson<typeof document>(command(whole));
  expect(run.status).toBe(0);
  document = run.document;
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

test('a ruined 2-bit model gets better, and --json says how', () => {
  const { stopped, best, judgements } = document.finetune;
  expect(stopped).toBe('finished');
  expect(judgements.map(({ step }) => step)).toEqual([0, 30, 60]);
  expect(judgements.find(({ step }) => step === best.step)!.loss).toBe(Math.min(...judgements.map(({ loss }) => loss)));
  expect(best.step).toBeGreaterThan(0);
});

test('its package holds bit for bit on the simulator', () => {
  const argv = ['validate', whole, '--device', 'simulator', '--data', 'models/demo-test.json', '--limit', '20'];
  const { status, document: verdict } = runJson<Verdict>(argv);
  expect(status).toBe(0);
  expect(verdict.outcome).toBe('pass');
});

test.skipIf(process.platform === 'win32')(
  'a run that is interrupted goes on from its checkpoint to the same bytes',
  async () => {
    const [checkpoint, out] = [join(root, 'state.npz'), join(root, 'resumed')];
    const argv = command(join(root, 'unfinished'), '--checkpoint', checkpoint);
    const child = spawn(process.execPath, [entry, ...argv, '--checkpoint-every', '5'], { cwd: repository });
    let said = '';
    child.stderr.on('data', (text) => {
      said += text;
    });
    const poll = setInterval(() => {
      if (!existsSync(checkpoint)) return;
      clearInterval(poll);
      child.kill('SIGINT');
    }, 10);
    const status = await new Promise((resolve) => child.on('exit', resolve));
    clearInterval(poll);
    expect(status).toBe(130);
    expect(said).toContain('--resume');
    expect(existsSync(join(root, 'unfinished'))).toBe(false);

    expect(runCli(command(out, '--resume', checkpoint)).status).toBe(0);
    expect(programOf(out).equals(programOf(whole))).toBe(true);

    const other = runCli(command(join(root, 'other'), '--resume', checkpoint, '--learning-rate', '0.02'));
    expect(other.status).toBe(2);
    expect(other.stderr).toContain('other settings');
    expect(existsSync(join(root, 'other'))).toBe(false);
  },
);

test('what cannot be trained is refused before the search', () => {
  const out = join(root, 'refused');
  for (const more of [
    ['--learning-rate', '1000'],
    ['--held-out', '0.95'],
    ['--target', 'esp32s3', '--weights', '8', '--learn-steps'],
  ]) {
    const { status, stderr } = runCli([...command(out), ...more]);
    expect(status, stderr).toBe(2);
    expect(stderr).not.toContain('calibrate:');
    expect(existsSync(out)).toBe(false);
  }
});
