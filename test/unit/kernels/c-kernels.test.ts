/** The portable C kernels against the TypeScript reference: every kernel, rule and width on random adversarial operations. */
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/base/random.ts';
import { describeStatus } from '../../../src/graph/status-codes.ts';
import { allOps } from '../../../src/ops/registry.ts';
import { pack } from '../../../src/package/pack.ts';
import { runReference } from '../../../src/simulate/reference-engine.ts';
import { hostKernelsMissing, runOnHost } from '../../support/host-kernels.ts';
import { randomKernels, randomOperation, rulesOfKernel, widthsOfKernel } from '../../support/random-operation.ts';

const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
const casesPerWidth = 40;
const missing = hostKernelsMissing();
if (missing !== undefined) console.log(`C kernel tests skipped: ${missing}`);

it('every kernel has random operations', () => {
  const kernels = allOps.flatMap(({ kernel }) => (kernel === undefined ? [] : [kernel.name]));
  expect(randomKernels().sort()).toEqual([...new Set(kernels)].sort());
});

describe.skipIf(missing !== undefined)(`C kernels equal the reference (SEED=${seed})`, () => {
  for (const kernel of randomKernels()) {
    it.each(rulesOfKernel(kernel))(`${kernel} under %s`, (rule) => {
      const random = seededRandom(seed);
      const { activationBits, weightBits } = widthsOfKernel(kernel, rule);
      const widths = activationBits.flatMap((bits) =>
        weightBits.length === 0
          ? [{ activationBits: bits }]
          : weightBits.map((weight) => ({ activationBits: bits, weightBits: weight })),
      );
      const operations = widths.flatMap((width) =>
        Array.from({ length: casesPerWidth }, () => randomOperation(kernel, rule, random, width)),
      );
      const answers = runOnHost(operations.map(({ program, inputs }) => ({ program: pack(program), inputs })));
      operations.forEach(({ program, inputs }, index) => {
        const [expected] = runReference(program, inputs);
        const { status, outputs } = answers[index]!;
        const what = `case ${index}: ${JSON.stringify(program.operations[0]!.parameters)}`;
        expect(describeStatus(status)?.name, what).toBe('OK');
        const wanted = new Uint8Array(expected!.buffer);
        if (Buffer.compare(outputs, wanted) !== 0) expect([...outputs], what).toEqual([...wanted]);
      });
    });
  }
});
