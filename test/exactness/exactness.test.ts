/**
 * One program, many executions, zero differing elements: random adversarial operations of every kernel, rule and width run on each
 * execution and are compared with the TypeScript reference. `UPDATE_DOCS=1` writes what was compared into docs/numerics.md.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import type { RuleId } from '../../src/arithmetic/rule.ts';
import { seededRandom } from '../../src/base/random.ts';
import type { Device } from '../../src/device/device.ts';
import { deviceProviders, openDevice, parseDevice } from '../../src/device/registry.ts';
import { pack } from '../../src/package/pack.ts';
import { runReference } from '../../src/simulate/reference-engine.ts';
import {
  type RandomOperation,
  randomKernels,
  randomOperation,
  rulesOfKernel,
  widthsOfKernel,
} from '../support/random-operation.ts';
import { type ExactnessCell, exactnessTable, replaceBetween } from './exactness-table.ts';

const seed = Number(process.env.SEED ?? 20_261_121);
const casesPerWidth = 10;
const executions = ['simulator', 'pico-emulator', 'qemu:mps2-an386', 'qemu:riscv32-virt'] as const;
const cells: ExactnessCell[] = [];

interface Case extends RandomOperation {
  readonly rule: RuleId;
  readonly width: string;
}

function casesOf(kernel: string): Case[] {
  const random = seededRandom(seed);
  return rulesOfKernel(kernel).flatMap((rule) => {
    const { activationBits, weightBits } = widthsOfKernel(kernel, rule);
    return activationBits.flatMap((activations) =>
      (weightBits.length === 0 ? [undefined] : weightBits).flatMap((weights) => {
        const options = { activationBits: activations, ...(weights === undefined ? {} : { weightBits: weights }) };
        const width = weights === undefined ? `a${activations}` : `w${weights}a${activations}`;
        return Array.from({ length: casesPerWidth }, () => ({
          ...randomOperation(kernel, rule, random, options),
          rule,
          width,
        }));
      }),
    );
  });
}

async function missing(spec: string): Promise<string | null> {
  const provider = (await deviceProviders()).find(({ kind }) => kind === parseDevice(spec).kind)!;
  const { available, detail } = await provider.probe();
  return available ? null : detail;
}

for (const spec of executions) {
  const reason = await missing(spec);
  if (reason !== null) console.log(`${spec} skipped: ${reason}`);
  describe.skipIf(reason !== null)(`${spec} equals the reference (SEED=${seed})`, () => {
    let device: Device | undefined;
    afterAll(() => device?.close());
    it.each(randomKernels())('%s', async (kernel) => {
      device ??= await openDevice(spec);
      const byRule = new Map<RuleId, ExactnessCell>();
      for (const { program, inputs, rule, width } of casesOf(kernel)) {
        await device.load(pack(program));
        const { outputs } = await device.run(inputs);
        const [expected] = runReference(program, inputs);
        const differing = Array.from(expected!).filter((code, index) => outputs[0]![index] !== code).length;
        const cell = byRule.get(rule) ?? {
          execution: spec,
          kernel,
          rule,
          widths: [],
          operations: 0,
          elements: 0,
          differing: 0,
        };
        byRule.set(rule, {
          ...cell,
          widths: cell.widths.includes(width) ? cell.widths : [...cell.widths, width],
          operations: cell.operations + 1,
          elements: cell.elements + expected!.length,
          differing: cell.differing + differing,
        });
      }
      cells.push(...byRule.values());
      expect([...byRule.values()].filter((cell) => cell.differing > 0)).toEqual([]);
    });
  });
}

afterAll(() => {
  if (process.env.UPDATE_DOCS !== '1') return;
  const page = fileURLToPath(new URL('../../docs/numerics.md', import.meta.url));
  writeFileSync(page, replaceBetween(readFileSync(page, 'utf8'), 'exactness', exactnessTable(cells, seed)));
});
