/** The portable C kernels against the TypeScript reference: every kernel, rule and width on random adversarial operations. */
import { describe, expect, it } from 'vitest';
import type { RuleId } from '../../../src/arithmetic/rule.ts';
import { seededRandom } from '../../../src/base/random.ts';
import { describeStatus } from '../../../src/graph/status-codes.ts';
import { allOps } from '../../../src/ops/registry.ts';
import { pack } from '../../../src/package/pack.ts';
import { runReference } from '../../../src/simulate/reference-engine.ts';
import { type HostBuild, hostKernelsMissing, hostVariants, runOnHost } from '../../support/host-kernels.ts';
import {
  type RandomOperation,
  randomKernels,
  randomOperation,
  rulesOfKernel,
  widthsOfKernel,
} from '../../support/random-operation.ts';

const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
const casesPerWidth = 40;
const missing = hostKernelsMissing();
if (missing !== undefined) console.log(`C kernel tests skipped: ${missing}`);

it('every kernel has random operations', () => {
  const kernels = allOps.flatMap(({ kernel }) => (kernel === undefined ? [] : [kernel.name]));
  expect(randomKernels().sort()).toEqual([...new Set(kernels)].sort());
});

function randomOperations(kernel: string, rule: RuleId, count: number): RandomOperation[] {
  const random = seededRandom(seed);
  const { activationBits, weightBits } = widthsOfKernel(kernel, rule);
  const widths = activationBits.flatMap((bits) =>
    weightBits.length === 0
      ? [{ activationBits: bits }]
      : weightBits.map((weight) => ({ activationBits: bits, weightBits: weight })),
  );
  return widths.flatMap((width) => Array.from({ length: count }, () => randomOperation(kernel, rule, random, width)));
}

function expectEqualToReference(operations: readonly RandomOperation[], build: HostBuild): void {
  const cases = operations.map(({ program, inputs }) => ({ program: pack(program), inputs }));
  runOnHost(cases, build).forEach(({ status, outputs }, index) => {
    const { program, inputs } = operations[index]!;
    const [expected] = runReference(program, inputs);
    const what = `case ${index}: ${JSON.stringify(program.operations[0]!.parameters)}`;
    expect(describeStatus(status)?.name, what).toBe('OK');
    const wanted = new Uint8Array(expected!.buffer);
    if (Buffer.compare(outputs, wanted) !== 0) expect([...outputs], what).toEqual([...wanted]);
  });
}

describe.skipIf(missing !== undefined)(`C kernels equal the reference (SEED=${seed})`, () => {
  for (const kernel of randomKernels()) {
    it.each(rulesOfKernel(kernel))(`${kernel} under %s`, (rule) => {
      expectEqualToReference(randomOperations(kernel, rule, casesPerWidth), {});
    });
  }
});

describe.skipIf(missing !== undefined).each(hostVariants)(
  `variant %s equals the reference (SEED=${seed})`,
  (variant) => {
    for (const kernel of ['conv', 'depthwise-conv', 'fully-connected', 'add']) {
      it.each(rulesOfKernel(kernel))(`${kernel} under %s`, (rule) => {
        const count = rule === 'double' ? 3 * casesPerWidth : casesPerWidth;
        expectEqualToReference(randomOperations(kernel, rule, count), { variant });
      });
    }
  },
);
