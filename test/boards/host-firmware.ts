/** Builds the firmware for this machine (ports/posix), under AddressSanitizer and UndefinedBehaviorSanitizer where the compiler has them. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../runtime-kernels', import.meta.url));
const firmware = join(root, 'firmware');

const sourcesIn = (folder: string): string[] =>
  readdirSync(folder)
    .filter((file) => file.endsWith('.c') && file !== 'rk_memory.c')
    .map((file) => join(folder, file));

/** The first C compiler there is, or null. */
export async function hostCompiler(): Promise<string | null> {
  for (const compiler of ['clang', 'gcc', 'cc']) {
    const found = await run(compiler, ['--version']).then(
      () => true,
      () => false,
    );
    if (found) return compiler;
  }
  return null;
}

/** Path of the program. */
export async function buildHostFirmware(compiler: string): Promise<string> {
  const out = join(mkdtempSync(join(tmpdir(), 'bitwright-host-firmware-')), 'firmware');
  const includes = ['include', 'src', 'generated', 'firmware'].map((folder) => `-I${join(root, folder)}`);
  const sanitizers = ['-fsanitize=address,undefined', '-fno-sanitize-recover=all'];
  const flags = ['-std=gnu11', '-O1', '-g', '-ffp-contract=off', ...sanitizers, ...includes];
  const sources = [
    ...sourcesIn(firmware),
    join(firmware, 'ports/posix/port.c'),
    ...sourcesIn(join(root, 'src')),
    ...sourcesIn(join(root, 'generated')),
  ];
  await run(compiler, [...flags, ...sources, '-o', out]);
  return out;
}
