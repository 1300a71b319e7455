/** The main job through the built command line, on the demo model: inspect, quantize, validate, report, bench, export. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { RunCost } from '../../../src/cli/steps/run-cost.ts';
import type { Verdict } from '../../../src/validate/verdict.ts';
import { entry, repository, runCli, runJson } from './run-cli.ts';

// Every run is a process of its own, and CI machines are busy.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

const model = 'models/demo-mnist.onnx';
let root = '';
let out = '';
let quantized: Record<string, unknown>;

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'bitwright-flow-'));
  out = join(root, 'OUT');
  const argv = ['quantize', model, '--target', 'rp2040-pico', '--data', 'models/demo-calibration.json', '-o', out];
  const options = ['--method', 'mmse', '--weights', '4', '--samples', '64', '--workers', '1'];
  const { status, document } = runJson<Record<string, unknown>>([...argv, ...options]);
  expect(status).toBe(0);
  quantized = document;
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

const validate = (...options: string[]): string[] => ['validate', out, '--data', 'models/demo-test.json', ...options];

test('inspect tells kept nodes from folded ones, with their cost', () => {
  const { status, document } = runJson<{ nodes: { name: string; state: string; macs: number }[]; macs: number }>([
    'inspect',
    model,
    '--target',
    'rp2040-pico',
  ]);
  expect(status).toBe(0);
  const states = new Map(document.nodes.map(({ name, state }) => [name, state]));
  expect(states.get('stem')).toBe('supported');
  expect(states.get('stem.norm')).toBe('rewritten');
  // 14*14*16*9 + 14*14*16*9 + 14*14*16*24 + 49*24*9 + 49*24*24 + 49*24*48 + 49*48*9 + 49*48*48 + 48*10
  expect(document.macs).toBe(361_512);
});

test('inspect says what a target leaves to the host', () => {
  const { document } = runJson<{ nodes: { name: string; state: string }[] }>([
    'inspect',
    model,
    '--target',
    'onnxruntime',
  ]);
  expect(document.nodes.find(({ name }) => name === 'softmax')).toMatchObject({ state: 'host' });
});

test.each(['dual', 'ocs:0.2'])('%s, which changes the graph, ships as an exact program too', (method) => {
  const folder = join(root, method.slice(0, 3));
  const argv = ['quantize', model, '--target', 'onnxruntime', '--data', 'models/demo-calibration.json', '-o', folder];
  const options = ['--method', method, '--weights', '3', '--rounding', 'nearest', '--samples', '16', '--workers', '1'];
  const activations = ['--activations', '3', '--policy', 'operands'];
  expect(runCli([...argv, ...options, ...activations]).status).toBe(0);
  const { document } = runJson<Verdict>([
    ...['validate', folder, '--device', 'onnxruntime-node', '--data', 'models/demo-test.json', '--limit', '20'],
  ]);
  expect(document).toMatchObject({ outcome: 'pass', compared: 200, mismatches: 0 });
});

test('quantize --json tells what the run cost, stage by stage', () => {
  const { cost, seconds } = quantized as unknown as { cost: RunCost; seconds: number };
  const stages = cost.stages.map(({ stage }) => stage);
  expect(stages).toEqual(['calibrate', 'float pass and samples', 'search: start', 'search: rounding', 'package']);
  const total = cost.stages.reduce((sum, stage) => sum + stage.seconds, 0);
  expect(total).toBeGreaterThan(0);
  expect(total).toBeLessThan(seconds);
  const search = cost.stages.filter(({ simulateSeconds }) => simulateSeconds !== undefined);
  expect(search.map(({ stage }) => stage)).toEqual(['search: start', 'search: rounding']);
  const searchSeconds = search.reduce((sum, stage) => sum + stage.seconds, 0);
  expect(cost.searchFloatPasses).toBeCloseTo(searchSeconds / cost.floatPassSeconds, 6);
  // Node alone takes 30 MiB; the budget of a run is 2 GiB.
  expect(cost.peakResidentBytes).toBeGreaterThan(30 * 2 ** 20);
  expect(cost.peakResidentBytes).toBeLessThan(2 ** 31);
  expect(cost.cpuSeconds).toBeGreaterThan(0);
});

test('quantize --json has what its readers are promised', () => {
  expect(quantized).toMatchObject({
    schemaVersion: 1,
    bits: { weights: 4, activations: 8 },
    method: 'mmse',
    loss: { float: expect.any(Number), initial: expect.any(Number), final: expect.any(Number) },
    evaluations: { count: expect.any(Number), fullEquivalents: expect.any(Number) },
    accuracy: { float: expect.any(Number), quantized: expect.any(Number) },
    seconds: expect.any(Number),
  });
  for (const name of [
    'program.bin',
    'manifest.json',
    'tables.json',
    'tables.csv',
    'model.h',
    'model.c',
    'golden.npz',
    'report.html',
  ]) {
    expect(quantized.files).toContain(name);
    expect(existsSync(join(out, name))).toBe(true);
  }
});

test('the same command gives the same package, byte for byte', () => {
  const again = join(root, 'AGAIN');
  const argv = ['quantize', model, '--target', 'rp2040-pico', '--data', 'models/demo-calibration.json', '-o', again];
  runJson([...argv, '--method', 'mmse', '--weights', '4', '--samples', '64', '--workers', '2']);
  for (const name of ['program.bin', 'manifest.json', 'golden.npz', 'tables.csv']) {
    expect(readFileSync(join(again, name)).equals(readFileSync(join(out, name))), name).toBe(true);
  }
});

test('validate passes on the simulator and reports in every form', () => {
  const junit = join(root, 'junit.xml');
  const html = join(root, 'page.html');
  const markdown = join(root, 'page.md');
  const gate = join(root, 'gates.json');
  writeFileSync(gate, '{"schema": "bitwright-gates/1", "maxAccuracyDrop": 0.05, "maxArenaBytes": 65536}');
  const { status, document } = runJson<Verdict>(
    validate(
      '--device',
      'simulator',
      '--limit',
      '70',
      '--gate',
      gate,
      '--junit',
      junit,
      '--html',
      html,
      '--markdown',
      markdown,
    ),
  );
  expect(status).toBe(0);
  expect(document).toMatchObject({
    schemaVersion: 1,
    outcome: 'pass',
    profile: 'cmsis-nn',
    device: { id: 'simulator', evidence: 'simulator' },
    samples: 70,
    compared: 700,
    mismatches: 0,
    maxDifference: 0,
    firstDivergence: null,
    accuracy: { metric: 'top-1' },
    link: null,
  });
  expect(document.accuracy.float).toBeGreaterThan(0.9);
  expect(document.memory.arenaBytes).toBe(document.memory.deviceArenaBytes);
  expect(readFileSync(junit, 'utf8')).toContain('tests="3" failures="0" errors="0" skipped="0"');
  expect(readFileSync(html, 'utf8')).toContain('PASS');
  expect(readFileSync(join(out, 'report.html'), 'utf8')).toBe(readFileSync(html, 'utf8'));
  expect(readFileSync(markdown, 'utf8')).toMatch(/^# PASS/);
});

test('a gate that does not hold exits 1', () => {
  const { status, document } = runJson<Verdict>(
    validate('--device', 'simulator', '--limit', '10', '--min-accuracy', '1', '--max-accuracy-drop', '0'),
  );
  expect(status).toBe(document.outcome === 'pass' ? 0 : 1);
  const tight = join(root, 'tight.json');
  writeFileSync(tight, '{"schema": "bitwright-gates/1", "maxArenaBytes": 1}');
  const failed = runJson<Verdict>(validate('--device', 'simulator', '--limit', '3', '--gate', tight));
  expect(failed.status).toBe(1);
  expect(failed.document.outcome).toBe('fail');
});

test('the emulated Pico agrees, and bench counts its cycles', () => {
  const { status, document } = runJson<Verdict>(validate('--device', 'pico-emulator', '--limit', '2'));
  expect(status).toBe(0);
  expect(document).toMatchObject({ mismatches: 0, compared: 20, device: { evidence: 'emulator' } });
  expect(document.cost!.unit).toBe('cycles');
  const bench = runJson<{ unit: string; cost: number; layers: { name: string; cost: number }[] }>([
    'bench',
    out,
    '--device',
    'pico-emulator',
  ]);
  expect(bench.status).toBe(0);
  expect(bench.document.unit).toBe('cycles');
  expect(bench.document.layers[0]!.name).toBe('stem');
  const sum = bench.document.layers.reduce((total, layer) => total + layer.cost, 0);
  expect(sum).toBeGreaterThan(0.8 * bench.document.cost);
  expect(sum).toBeLessThan(1.2 * bench.document.cost);
});

test('report shows the last verdict', () => {
  const { document } = runJson<{ verdict: Verdict }>(['report', out]);
  expect(document.verdict.device.id).toBe('pico-emulator');
});

test('export writes what each format promises', () => {
  const path = (name: string): string => join(root, name);
  expect(runCli(['export', out, '--format', 'c', '-o', path('net.c')]).status).toBe(0);
  expect(readFileSync(path('net.c'), 'utf8')).toContain('net_program');
  expect(existsSync(path('net.h'))).toBe(true);
  expect(runCli(['export', out, '--format', 'hex', '--address', '0x10100000', '-o', path('net.hex')]).status).toBe(0);
  expect(readFileSync(path('net.hex'), 'utf8')).toMatch(/^:020000041010DA\n/);
  expect(runCli(['export', out, '--format', 'uf2', '--address', '0x10100000', '-o', path('net.uf2')]).status).toBe(0);
  expect(readFileSync(path('net.uf2')).readUInt32LE(0)).toBe(0x0a324655);
  const noAddress = runCli(['export', out, '--format', 'hex', '-o', path('x.hex')]);
  expect([noAddress.status, existsSync(path('x.hex'))]).toEqual([2, false]);
});

test('an interrupt exits 130 and leaves nothing', async () => {
  const folder = join(root, 'interrupted');
  const argv = ['quantize', model, '--target', 'rp2040-pico', '--data', 'models/demo-calibration.json'];
  const child = spawn(process.execPath, [entry, ...argv, '--samples', '20000', '-o', join(folder, 'OUT')], {
    cwd: repository,
  });
  let heard = '';
  child.stderr.on('data', (chunk: Buffer) => {
    // Once it says what it does it listens to signals, however long a busy machine took to start it.
    if (heard === '') child.kill('SIGINT');
    heard += chunk.toString();
  });
  const code = await new Promise((resolve) => child.on('exit', resolve));
  expect(heard).toContain('interrupted');
  expect(code).toBe(130);
  expect(existsSync(folder) ? readdirSync(folder) : []).toEqual([]);
});
