/** Ctrl-C in a search, as a user meets it: the best so far in OUT/, a journal beside it, and --resume to the bytes of a whole run. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { entry, repository, runCli, runJson } from './run-cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'bitwright-resume-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const quantize = (out: string, ...options: string[]): string[] => [
  ...['quantize', 'models/demo-mnist.onnx', '--target', 'rp2040-pico', '--data', 'models/demo-calibration.json'],
  ...['--weights', '4', '--activations', '4', '--samples', '24', '--workers', '1', '-o', join(folder, out), ...options],
];

const filesOf = (out: string): Map<string, string> =>
  new Map(readdirSync(join(folder, out)).map((name) => [name, readFileSync(join(folder, out, name), 'base64')]));

/** Runs until a line of stderr matches, sends SIGINT, and waits for the end. */
function interrupted(argv: readonly string[], when: RegExp): Promise<{ code: number | null; stderr: string }> {
  const child = spawn(process.execPath, [entry, ...argv], { cwd: repository, stdio: ['ignore', 'ignore', 'pipe'] });
  return new Promise((resolve, reject) => {
    let stderr = '';
    let sent = false;
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
      if (!sent && when.test(stderr)) sent = child.kill('SIGINT');
    });
    child.on('error', reject);
    child.on('exit', (code) => resolve({ code, stderr }));
  });
}

test('an interrupted search keeps its best, and resumed it ends in the bytes of one that was not', async () => {
  const whole = runJson<{ interrupted: boolean }>(quantize('whole'));
  expect(whole).toMatchObject({ status: 0, document: { interrupted: false } });
  const { code, stderr } = await interrupted(quantize('parts'), /search: start/);
  expect(code).toBe(130);
  expect(stderr).toContain('--resume');
  expect(JSON.parse(readFileSync(join(folder, 'parts/manifest.json'), 'utf8')).quantization.interrupted).toBe(true);
  expect(readdirSync(folder).sort()).toEqual(['parts', 'parts.journal.json', 'whole']);

  const other = runCli(quantize('parts', '--resume', '--seed', '2'));
  expect(other.status).toBe(2);
  expect(other.stderr).toContain('another option seed (seen 1, allowed 2)');

  const resumed = runCli(quantize('parts', '--resume'));
  expect(resumed.stderr).toContain('evaluations are known');
  expect(resumed.status).toBe(0);
  expect(filesOf('parts')).toEqual(filesOf('whole'));
  expect(existsSync(join(folder, 'parts.journal.json'))).toBe(false);
}, 300_000);

test('--resume without an interrupted search says so before any work', () => {
  const { status, stderr } = runCli(quantize('nothing', '--resume'));
  expect(status).toBe(2);
  expect(stderr).toMatch(/nothing\.journal\.json: does not exist.*start it without --resume/);
  expect(existsSync(join(folder, 'nothing'))).toBe(false);
});
