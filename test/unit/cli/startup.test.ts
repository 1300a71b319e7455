/** What a call loads before it does anything: help must be instant, and heavy packages wait until they are needed. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { entry, repository } from './run-cli.ts';

/** Addresses of all modules that the command line loads for `argv`. */
function modulesOf(...argv: string[]): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'bitwright-startup-'));
  const log = join(folder, 'modules');
  try {
    const hook = `${repository}test/support/log-modules.mjs`;
    const env = { ...process.env, MODULE_LOG: log };
    const { status } = spawnSync(process.execPath, ['--import', hook, entry, ...argv], { env, cwd: repository });
    expect(status).toBe(0);
    return readFileSync(log, 'utf8').trim().split('\n');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const packagesOf = (modules: readonly string[]): Set<string> =>
  new Set(modules.flatMap((url) => /node_modules\/(@[^/]+\/[^/]+|[^/]+)/.exec(url)?.[1] ?? []));

test.each([['--help'], ['--version']])('%s loads commander and a handful of own files', (flag) => {
  const modules = modulesOf(flag);
  expect(packagesOf(modules)).toEqual(new Set(['commander']));
  expect(modules.filter((url) => url.includes('/dist/')).length).toBeLessThan(20);
});

test.each([['quantize', '--help'], ['validate', '--help'], ['finetune', '--help'], ['export', '--help'], ['targets']])(
  '%s %s loads no engine, no serial port, no image decoder',
  (...argv) => {
    const packages = packagesOf(modulesOf(...argv));
    for (const heavy of [
      'onnxruntime-node',
      'onnxruntime-web',
      'onnxruntime-common',
      'serialport',
      'sharp',
      'rp2040js',
    ])
      expect(packages).not.toContain(heavy);
  },
);
