/** The built command line as a process: help, versions, usage errors, JSON and exit codes. Needs `npm run build` (npm test does it). */
import { spawnSync } from 'node:child_process';
import { expect, test, vi } from 'vitest';
import { verbs } from '../../../src/cli/verbs.ts';
import { runCli } from './run-cli.ts';

// Every run is a process of its own, and CI machines are busy.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

const run = (...argv: string[]) => runCli(argv);

test('help lists every verb and exits 0', () => {
  const { status, stdout } = run('--help');
  expect(status).toBe(0);
  for (const { name, summary } of verbs) {
    expect(stdout).toContain(name);
    expect(stdout.replace(/\s+/g, ' ')).toContain(summary);
  }
});

test('help is quick: nothing heavy is loaded for it', () => {
  const seconds = (action: () => void): number => {
    const started = performance.now();
    action();
    return (performance.now() - started) / 1000;
  };
  const rounds = Array.from({ length: 5 }, () => ({
    bare: seconds(() => spawnSync(process.execPath, ['-e', '0'])),
    help: seconds(() => run('--help')),
  }));
  // Beside a Node that does nothing, so that a busy machine slows both. It is 1.4 times that; with one verb loaded, 2 to 3.4 times.
  const least = (of: 'bare' | 'help'): number => Math.min(...rounds.map((round) => round[of]));
  expect(least('help')).toBeLessThan(2 * least('bare'));
});

test('every verb has help of its own', () => {
  for (const { name } of verbs) {
    for (const argv of [
      [name, '--help'],
      ['help', name],
    ]) {
      const { status, stdout } = run(...argv);
      expect(status).toBe(0);
      expect(stdout).toContain(`bitwright ${name}`);
      expect(stdout).toContain('--json');
    }
  }
});

test('the version is that of the package', () => {
  expect(run('--version').stdout.trim()).toMatch(/^\d+\.\d+\.\d+$/);
});

test.each([
  [['frobnicate'], 'unknown command'],
  [['targets', '--frobnicate'], 'unknown option'],
  [['export', '--format', 'c', '-o', 'x'], 'missing required argument'],
  [['export', 'OUT', '--format', 'tar', '-o', 'x'], '--format'],
])('%j is a usage error', (argv, message) => {
  const { status, stdout, stderr } = run(...argv);
  expect(status).toBe(2);
  expect(stdout).toBe('');
  expect(stderr).toContain(message);
});

test('no verb at all shows the help and is a usage error', () => {
  const { status, stdout, stderr } = run();
  expect(status).toBe(2);
  expect(stdout + stderr).toContain('Usage: bitwright');
});

test('with --json a usage error is one document on stdout and nothing else', () => {
  for (const argv of [['frobnicate'], ['targets', '--frobnicate'], ['targets', 'no-such-target']]) {
    const { status, stdout, stderr } = run(...argv, '--json');
    const document = JSON.parse(stdout) as { schemaVersion: number; error: { exitCode: number; issues: unknown[] } };
    expect(document).toMatchObject({ schemaVersion: 1, error: { exitCode: status } });
    expect(document.error.issues.length).toBeGreaterThan(0);
    expect(stderr).not.toContain('at ');
  }
});

test('an unknown target exits 3 and lists the known ones', () => {
  const { status, stderr } = run('targets', 'rp2040');
  expect(status).toBe(3);
  expect(stderr).toContain('rp2040-pico');
});

test('targets as JSON', () => {
  const all = JSON.parse(run('targets', '--json').stdout) as { targets: { id: string }[] };
  expect(all.targets.map(({ id }) => id)).toContain('rp2040-pico');
  const one = JSON.parse(run('targets', 'rp2040-pico', '--json').stdout) as { target: { profile: string } };
  expect(one.target.profile).toBe('cmsis-nn');
});

test('a package that is none', () => {
  const missing = run('export', 'no/such/folder', '--format', 'c', '-o', 'x.c');
  expect([missing.status, missing.stderr]).toEqual([2, expect.stringContaining('FILE_NOT_FOUND')]);
});
