/**
 * Would the tests notice? Each case breaks one thing in a copy of the C kernels (a rounding rule, the nibble order, the sign of a zero
 * point, ...) and runs the random operations of the kernel suite on it: at least one element must differ from the reference.
 */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/base/random.ts';
import { pack } from '../../src/package/pack.ts';
import { runReference } from '../../src/simulate/reference-engine.ts';
import { type HostAnswer, type HostCase, hostKernelsMissing, runOnHost } from '../support/host-kernels.ts';
import { randomKernels, randomOperation, rulesOfKernel, widthsOfKernel } from '../support/random-operation.ts';
import { mutations } from './kernel-mutations.ts';

const seed = 42;
const casesPerWidth = 12;
const missing = hostKernelsMissing();
if (missing !== undefined) console.log(`mutation tests skipped: ${missing}`);
const kernels = fileURLToPath(new URL('../../runtime-kernels', import.meta.url));

interface Expected extends HostCase {
  readonly codes: Buffer;
}

function allCases(): Expected[] {
  const random = seededRandom(seed);
  return randomKernels().flatMap((kernel) =>
    rulesOfKernel(kernel).flatMap((rule) => {
      const { activationBits, weightBits } = widthsOfKernel(kernel, rule);
      const widths = activationBits.flatMap((bits) =>
        weightBits.length === 0
          ? [{ activationBits: bits }]
          : weightBits.map((weight) => ({ activationBits: bits, weightBits: weight })),
      );
      return widths.flatMap((width) =>
        Array.from({ length: casesPerWidth }, () => {
          const { program, inputs } = randomOperation(kernel, rule, random, width);
          return { program: pack(program), inputs, codes: Buffer.from(runReference(program, inputs)[0]!.buffer) };
        }),
      );
    }),
  );
}

function differing(cases: readonly Expected[], answers: readonly HostAnswer[]): number {
  return cases.filter(
    ({ codes }, index) => answers[index]!.status !== 0 || Buffer.compare(codes, answers[index]!.outputs) !== 0,
  ).length;
}

describe.skipIf(missing !== undefined)(`mutated kernels (seed ${seed})`, () => {
  let cases: Expected[] = [];
  let folder = '';
  beforeAll(() => {
    cases = allCases();
    folder = mkdtempSync(join(tmpdir(), 'bitwright-mutations-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('the kernels as they are differ nowhere', () => {
    expect(differing(cases, runOnHost(cases, { sanitized: false }))).toBe(0);
  });

  it.each(mutations)('$name: $file', ({ name, file, from, to }) => {
    const copy = join(folder, name.replaceAll(/[^a-z0-9]+/gi, '-'));
    for (const part of ['include', 'src', 'generated'])
      cpSync(join(kernels, part), join(copy, part), { recursive: true });
    const path = join(copy, file);
    const source = readFileSync(path, 'utf8');
    expect(source.includes(from), `${file} no longer contains the text that this mutation replaces`).toBe(true);
    writeFileSync(path, source.replace(from, to));
    const red = differing(cases, runOnHost(cases, { sanitized: false, kernelsFolder: copy, outputFolder: copy }));
    console.log(`${name}: ${red} of ${cases.length} operations red`);
    expect(red).toBeGreaterThan(0);
  });
});
