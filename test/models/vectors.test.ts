/** The shared operator vectors (CMSIS-NN unit-test data) on the TypeScript reference. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { runReference } from '../../src/simulate/reference-engine.ts';
import { loadVectors, runConformance } from '../../src/validate/conformance.ts';

const folder = fileURLToPath(new URL('../../../shared/vectors/cmsis-nn', import.meta.url));

it.skipIf(!existsSync(folder))('passes every CMSIS-NN vector (needs ../shared/vectors)', async () => {
  const vectors = await loadVectors(folder);
  expect(vectors.length).toBe(57);
  const result = await runConformance(vectors, async (program, samples) =>
    samples.map((inputs) => runReference(program, [...inputs])[0]),
  );
  expect(result.failures).toEqual([]);
  expect([result.passed, result.skipped]).toEqual([57, 0]);
  expect(result.compared).toBeGreaterThan(20000);
});
