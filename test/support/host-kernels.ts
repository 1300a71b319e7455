/** Runs packed programs in the C kernels on this machine, built with sanitizers, many programs to a process. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildTestProgram, hostCompilers, hostVariants } from '../../scripts/test-c.mjs';
import type { CodeArray } from '../../src/simulate/engine.ts';

export interface HostCase {
  readonly program: Uint8Array;
  readonly inputs: readonly CodeArray[];
}

export interface HostAnswer {
  /** 0, or the code of src/graph/status-codes.ts. */
  readonly status: number;
  /** The bytes of all outputs one after the other. */
  readonly outputs: Uint8Array;
}

/** Why the host tests cannot run here, or undefined. */
export function hostKernelsMissing(): string | undefined {
  return hostCompilers().length === 0 ? 'no host C compiler (clang, gcc or cc)' : undefined;
}

function bytesOf(array: CodeArray): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

/** The file of cases that test/c/run_cases.c reads. */
export function casesFile(cases: readonly HostCase[]): Buffer {
  return Buffer.concat(
    cases.flatMap(({ program, inputs }) => {
      const sizes = Buffer.alloc(8);
      sizes.writeUInt32LE(program.length, 0);
      sizes.writeUInt32LE(
        inputs.reduce((sum, input) => sum + input.byteLength, 0),
        4,
      );
      return [sizes, program, ...inputs.map(bytesOf)];
    }),
  );
}

/** Which kernels: the portable ones, a variant's, another copy's. */
export type HostBuild = NonNullable<Parameters<typeof buildTestProgram>[1]>;

export { hostVariants };

/** Runs a test program of test/c with a file of cases and further arguments; returns what it printed and the folder's file `answers`. */
export function runTestProgram(
  name: string,
  cases: readonly HostCase[],
  argumentsAfter: readonly string[] = [],
  build: HostBuild = {},
): { readonly stdout: string; readonly answers: Buffer } {
  const executable = buildTestProgram(name, build);
  if (executable === undefined) throw new Error('no host C compiler');
  const folder = mkdtempSync(join(tmpdir(), 'bitwright-kernels-'));
  try {
    writeFileSync(join(folder, 'cases'), casesFile(cases));
    writeFileSync(join(folder, 'answers'), '');
    const files = argumentsAfter.length > 0 ? argumentsAfter : [join(folder, 'answers')];
    const stdout = execFileSync(executable, [join(folder, 'cases'), ...files], { encoding: 'utf8' });
    return { stdout, answers: readFileSync(join(folder, 'answers')) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Opens and runs every case; each operation on tensors of its own allocation, and once more in one arena. */
export function runOnHost(cases: readonly HostCase[], build: HostBuild = {}): HostAnswer[] {
  const { answers } = runTestProgram('run_cases', cases, [], build);
  let at = 0;
  return cases.map(() => {
    const status = answers.readInt32LE(at);
    const size = answers.readUInt32LE(at + 4);
    at += 8 + size;
    return { status, outputs: answers.subarray(at - size, at) };
  });
}
