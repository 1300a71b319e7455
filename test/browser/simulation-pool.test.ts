/** dist/web.js in a real browser, loaded without a bundler: Web Workers and the single thread give the bytes that Node gives. */
import { describe, expect, it } from 'vitest';
import type { RuleId } from '../../src/arithmetic/rule.ts';
import { pack } from '../../src/package/pack.ts';
import { createSimulationPool } from '../../src/simulate/pool.ts';
import { randomInputs, referenceCodes, sampleProgram } from '../unit/simulate/sample-program.ts';
import { chromiumInstalled } from './installed.ts';
import { type PageJob, runPage } from './run-page.ts';

const samples = 9;
const seed = Date.now() % 100000;
const tensors = [5, 2];

function jobOf(rule: RuleId, workers: number | null): { job: PageJob; expected: number[][]; firstLogits: number[] } {
  const program = sampleProgram(seed, undefined, rule);
  const inputs = randomInputs(program, samples, seed);
  const expected = tensors.map((tensor) => referenceCodes(program, inputs, samples, tensor));
  const firstLogits = expected[0]!.slice(0, 10);
  return { job: { program: pack(program), inputs, samples, tensors, workers }, expected, firstLogits };
}

async function runInNode(job: PageJob): Promise<number[][]> {
  const pool = await createSimulationPool({ workers: 2 });
  try {
    await pool.setInputs({ samples, inputs: job.inputs.map((codes) => Int8Array.from(codes)) });
    return (await pool.run(job.program, { tensors })).map((codes) => [...codes]);
  } finally {
    await pool.close();
  }
}

describe.skipIf(!chromiumInstalled)(`dist/web.js in Chromium, seed ${seed}`, () => {
  it.each(['double', 'single', 'float32'] as const)('runs on two Web Workers, rule %s', async (rule) => {
    const { job, expected, firstLogits } = jobOf(rule, 2);
    const result = await runPage(job);
    expect(result.error).toBeUndefined();
    expect(result.workers).toBe(2);
    expect(result.outputs).toEqual(expected);
    expect(result.outputs).toEqual(await runInNode(job));
    expect(result.reference).toEqual([firstLogits]);
    expect(result.repacked).toEqual([...job.program]);
  });

  it('runs on the thread of the page where there are no workers', async () => {
    const { job, expected } = jobOf('double', null);
    const result = await runPage({ ...job, hideWorkers: true });
    expect(result.error).toBeUndefined();
    expect(result).toMatchObject({ workers: 1, hasWorkers: false });
    expect(result.outputs).toEqual(expected);
  });

  it('tells what is wrong with a damaged program, out of a worker', async () => {
    const { job } = jobOf('double', 2);
    const program = job.program.slice();
    program[program.length - 20]! ^= 1;
    expect(await runPage({ ...job, program })).toMatchObject({ code: 'ARTIFACT_INVALID' });
  });

  it('fails where the script of the worker is missing, and does not hang', async () => {
    const result = await runPage(jobOf('double', 2).job, ['simulate/web-worker.js']);
    expect(result).toMatchObject({ code: 'INTERNAL', error: expect.stringContaining('could not be loaded') as string });
  });
});
