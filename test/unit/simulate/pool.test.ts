import { spawnSync } from 'node:child_process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/base/random.ts';
import { tensorElements } from '../../../src/graph/integer-program.ts';
import { pack } from '../../../src/package/pack.ts';
import { createSimulationPool, type SimulationPoolOptions } from '../../../src/simulate/pool.ts';
import { startInlineWorker } from '../../../src/simulate/worker-port.ts';
import { randomInputs, referenceCodes, sampleProgram } from './sample-program.ts';

const samples = 21;
const repository = fileURLToPath(new URL('../../../', import.meta.url));
const inlineWorkers: SimulationPoolOptions = { workers: 2, startWorker: startInlineWorker };
const configurations: [string, SimulationPoolOptions][] = [
  ['one thread', { workers: 1 }],
  ['two threads', { workers: 2 }],
  ['three threads', { workers: 3 }],
  ['no threads', inlineWorkers],
  ['a budget that keeps little', { workers: 1, memoryBytes: 5 * 2 ** 18 }],
];

describe.each(configurations)('a simulation pool with %s', (_, options) => {
  it('equals the TypeScript reference on outputs and inner tensors', async () => {
    const program = sampleProgram(7);
    const inputs = randomInputs(program, samples, 1);
    const pool = await createSimulationPool(options);
    try {
      await pool.setInputs({ samples, inputs });
      const [logits, inner] = await pool.run(pack(program), { tensors: [5, 2] });
      expect([...logits!]).toEqual(referenceCodes(program, inputs, samples, 5));
      expect([...inner!]).toEqual(referenceCodes(program, inputs, samples, 2));
      const [first] = await pool.run(pack(program), { samples: 11 });
      expect([...first!]).toEqual([...logits!.slice(0, 110)]);
      const changed = sampleProgram(7, { layer: 2, seed: 8 });
      const parts: number[] = [];
      for (const [from, to] of [
        [0, 4],
        [4, 5],
        [5, 20],
        [20, samples],
      ] as const) {
        const [part] = await pool.run(pack(changed), { first: from, samples: to });
        parts.push(...part!);
      }
      expect(parts).toEqual(referenceCodes(changed, inputs, samples, 5));
      const channels = changed.tensors[2]!.shape.at(-1)!;
      const sums = new Float64Array(channels);
      referenceCodes(changed, inputs, samples, 2)
        .slice(0, 13 * tensorElements(changed.tensors[2]!))
        .forEach((code, at) => {
          sums[at % channels]! += code;
        });
      expect(await pool.sumChannels(pack(changed), 2, channels, 13)).toEqual(sums);
      await expect(pool.run(pack(program), { first: 5, samples: 5 })).rejects.toMatchObject({ code: 'USAGE' });
    } finally {
      await pool.close();
    }
  });

  it('gives the same codes after any history of programs as without one', async () => {
    const pool = await createSimulationPool(options);
    try {
      const inputs = randomInputs(sampleProgram(3), samples, 2);
      await pool.setInputs({ samples, inputs });
      const history = [
        [3, 1],
        [3, 2],
        [0, 3],
        [0, 3],
        [2, 4],
        [1, 5],
        [3, 1],
      ] as const;
      for (const [step, [layer, seed]] of history.entries()) {
        const program = sampleProgram(3, { layer, seed });
        const count = step % 2 === 0 ? samples : 9;
        const [logits] = await pool.run(pack(program), { samples: count });
        expect([...logits!], `step ${step}`).toEqual(referenceCodes(program, inputs, samples, 5).slice(0, 10 * count));
      }
    } finally {
      await pool.close();
    }
  });
});

describe.each(configurations)('a simulation pool with %s, asked for any ranges of samples', (_, options) => {
  it('gives the codes of those samples', async () => {
    const seed = 5;
    const random = seededRandom(seed);
    const pool = await createSimulationPool(options);
    try {
      const inputs = randomInputs(sampleProgram(4), samples, seed);
      await pool.setInputs({ samples, inputs });
      const programs = [1, 2, 3].map((own) => sampleProgram(4, { layer: own, seed: own }));
      const known = programs.map((program) => referenceCodes(program, inputs, samples, 5));
      for (let step = 0; step < 40; step++) {
        // The same program more often than not, so that there is something to keep.
        const which = Math.min(random.integer(0, 4), 2);
        const first = random.integer(0, samples - 1);
        const last = random.integer(first + 1, samples);
        const [codes] = await pool.run(pack(programs[which]!), { first, samples: last });
        expect([...codes!], `seed ${seed}, step ${step}: samples ${first} to ${last}`).toEqual(
          known[which]!.slice(10 * first, 10 * last),
        );
      }
    } finally {
      await pool.close();
    }
  });
});

describe('a simulation pool', () => {
  it('forgets everything when the samples or the network change', async () => {
    const pool = await createSimulationPool(inlineWorkers);
    for (const seed of [11, 12, 13]) {
      const program = sampleProgram(seed);
      const inputs = randomInputs(program, samples, seed);
      await pool.setInputs({ samples, inputs });
      const [logits] = await pool.run(pack(program));
      expect([...logits!]).toEqual(referenceCodes(program, inputs, samples, 5));
    }
    await pool.close();
  });

  it('serves calls in order, also when they are made at once', async () => {
    const pool = await createSimulationPool({ workers: 2 });
    const programs = [1, 2, 3].map((seed) => sampleProgram(5, { layer: 2, seed }));
    const inputs = randomInputs(programs[0]!, samples, 5);
    const calls = [
      pool.setInputs({ samples, inputs }).then(() => []),
      ...programs.map((program) => pool.run(pack(program))),
    ];
    const results = (await Promise.all(calls)).slice(1);
    await pool.close();
    results.forEach(([logits], index) => {
      expect([...logits!]).toEqual(referenceCodes(programs[index]!, inputs, samples, 5));
    });
  });

  it('runs on the thread of its caller where Node may not start any, with the same bytes', async () => {
    const program = sampleProgram(9);
    const inputs = randomInputs(program, 5, 9);
    const script = `
      import { createSimulationPool } from '${pathToFileURL(repository)}dist/simulate/pool.js';
      const pool = await createSimulationPool();
      await pool.setInputs({ samples: 5, inputs: [Int8Array.of(${inputs[0]})] });
      const [logits] = await pool.run(Uint8Array.of(${pack(program)}));
      console.log(JSON.stringify({ workers: pool.workers, logits: [...logits] }));`;
    const flags = ['--experimental-permission', '--allow-fs-read=*', '--input-type=module'];
    const { stdout, stderr } = spawnSync(process.execPath, flags, { input: script, encoding: 'utf8' });
    expect(stdout, stderr).not.toBe('');
    expect(JSON.parse(stdout)).toEqual({ workers: 1, logits: referenceCodes(program, inputs, 5, 5) });
  });

  it('takes fewer samples than workers', async () => {
    const pool = await createSimulationPool({ ...inlineWorkers, workers: 5 });
    const program = sampleProgram(9);
    const inputs = randomInputs(program, 2, 9);
    await pool.setInputs({ samples: 2, inputs });
    const [logits] = await pool.run(pack(program));
    expect([...logits!]).toEqual(referenceCodes(program, inputs, 2, 5));
    await pool.close();
  });
});
