/** --memory: what it must hold is told where it is too small, and results are the same bytes at any size. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { bytesFlag } from '../../../src/cli/flags.ts';
import { runCli, runJson } from './run-cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'bitwright-memory-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const quantize = (out: string, memory: string): string[] => [
  ...['quantize', 'models/demo-mnist.onnx', '--target', 'rp2040-pico', '--data', 'models/demo-calibration.json'],
  ...['--weights', '4', '--samples', '64', '--optimizer', 'none', '-o', join(folder, out), '--memory', memory],
];

test('sizes are numbers with units of 1024', () => {
  const parse = bytesFlag('--memory');
  expect(['1', '64K', '512M', '512MiB', '1.5g', '2 GB'].map(parse)).toEqual([
    1, 65536, 536870912, 536870912, 1610612736, 2147483648,
  ]);
  for (const odd of ['', 'M', '-1G', '0', '1X', '1e9', '99999T']) expect(() => parse(odd), odd).toThrow(/--memory/);
});

test('a budget too small says what is needed, before any work; that much is enough, and gives the same bytes as plenty', () => {
  const { status, stderr } = runCli(quantize('small', '90M'));
  expect(status).toBe(2);
  const needed = /seen 90 MiB, allowed (\d+) MiB and more/.exec(stderr)?.[1];
  expect(needed).toBeDefined();
  expect(existsSync(join(folder, 'small'))).toBe(false);

  interface Document {
    readonly cost: { readonly peakResidentBytes: number };
  }
  const least = runJson<Document>(quantize('least', `${needed}M`));
  expect(least.status).toBe(0);
  expect(least.document.cost.peakResidentBytes).toBeLessThanOrEqual(Number(needed) * 2 ** 20);
  expect(runCli(quantize('plenty', '4G')).status).toBe(0);
  for (const name of ['program.bin', 'manifest.json']) {
    expect(readFileSync(join(folder, 'least', name))).toEqual(readFileSync(join(folder, 'plenty', name)));
  }
}, 120_000);
