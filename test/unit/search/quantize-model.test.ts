/** The whole quantizer on a small network, in the engine that ships: it lowers the loss, keeps its promises, and repeats itself. */
import { describe, expect, it } from 'vitest';
import { getProfile } from '../../../src/arithmetic/registry.ts';
import { BitwrightError } from '../../../src/base/errors.ts';
import { lower } from '../../../src/lower/lower.ts';
import { pack } from '../../../src/package/pack.ts';
import type { JournalEntry } from '../../../src/search/journal.ts';
import {
  defaultOptions,
  type QuantizeHooks,
  type QuantizeOptions,
  quantizeModel,
} from '../../../src/search/quantize-model.ts';
import type { SimulationPool } from '../../../src/simulate/engine.ts';
import { pageBytes } from '../../../src/simulate/kernel-module.ts';
import { heldSamples, localPool, randomSamples, smallNetwork, statisticsOf } from './small-network.ts';

const seed = 6;
const graph = smallNetwork(seed);
const calibration = randomSamples(96, seed);
const inputs = heldSamples(calibration);
const statistics = statisticsOf(graph, calibration);
const cmsis = getProfile('cmsis-nn');

async function run(
  options: Partial<QuantizeOptions> = {},
  hooks: QuantizeHooks = {},
  profile = cmsis,
  pool: Promise<SimulationPool> = localPool(),
) {
  const samples = { inputs, labels: null, metric: 'none' as const };
  return quantizeModel(graph, statistics, samples, profile, { ...defaultOptions(4, 4), ...options }, await pool, hooks);
}

describe('quantizeModel', () => {
  it('ends below max-abs, and nowhere above its own start', async () => {
    const plain = await run({ method: 'max-abs', rounding: 'nearest', correctBias: false });
    const lapq = await run();
    expect(lapq.loss.final).toBeLessThan(0.5 * plain.loss.final);
    expect(lapq.loss.final).toBeLessThanOrEqual(lapq.loss.initial);
    expect(lapq.loss.objective).toBe('kl');
    expect(lapq.evaluations.count).toBeGreaterThan(10);
    expect(lapq.evaluations.fullEquivalents).toBeLessThan(lapq.evaluations.count);
    expect(lapq.interrupted).toBe(false);
  });

  it('keeps the first and last layers at 8 bits and codes inside their range', async () => {
    const { plan } = await run();
    const bits = Object.fromEntries([...plan.weights].map(([name, entry]) => [name, entry.bits]));
    expect(bits).toEqual({ stem: 8, spatial: 4, mix: 4, head: 8 });
    for (const { codes, bits: width } of plan.weights.values()) {
      for (const code of codes) {
        expect(code).toBeGreaterThanOrEqual(-(2 ** (width - 1)));
        expect(code).toBeLessThan(2 ** (width - 1));
      }
    }
    expect(plan.activations.get('pool.out')).toEqual(plan.activations.get('flat.out'));
  });

  it('gives the same bytes for the same seed', async () => {
    const [first, second] = [await run(), await run()];
    expect(pack(lower(graph, second.plan, cmsis))).toEqual(pack(lower(graph, first.plan, cmsis)));
    expect(second.trace).toEqual(first.trace);
  });

  it('gives the same result whatever the simulator may keep', async () => {
    const plenty = await run();
    const least = async (pages: number): Promise<Awaited<ReturnType<typeof run>>> =>
      run({}, {}, cmsis, localPool(pages * pageBytes)).catch((error: unknown) => {
        expect(error).toMatchObject({ code: 'USAGE', message: expect.stringContaining('memory budget') });
        return least(pages + 1);
      });
    const tight = await least(2);
    expect(tight.plan).toEqual(plenty.plan);
    expect(tight.journal).toEqual(plenty.journal);
  });

  it.each(['powell', 'powell-scipy', 'none'] as const)('searches with %s', async (optimizer) => {
    const result = await run({ optimizer, iterations: 1 });
    expect(result.loss.final).toBeLessThanOrEqual(result.loss.initial);
  });

  it('sweeps as far as its first step lets it', async () => {
    const plain = { rounding: 'nearest' as const, rounds: 0 };
    const start = await run({ ...plain, optimizer: 'none' });
    const reach = async (sweepStep: number): Promise<number> => {
      const { plan } = await run({ ...plain, sweepStep });
      const moves = [...plan.activations].map(([name, { scale }]) =>
        Math.abs(Math.log(scale / (start.plan.activations.get(name)?.scale ?? Number.NaN))),
      );
      return Math.max(...moves);
    };
    // At most two steps along a coordinate, and as much again in the move after the sweep; the second sweep finds nothing here.
    const near = await reach(0.02);
    expect(near).toBeGreaterThan(0);
    expect(near).toBeLessThanOrEqual(4 * 0.02);
    expect(await reach(0.15)).toBeGreaterThan(4 * 0.02);
  });

  it.each(['mmse', 'aciq-laplace', 'aciq-gauss', 'kld', 'percentile', 'lp-norm:3'])('runs %s alone', async (method) => {
    const result = await run({ method });
    expect(result.loss.final).toBeGreaterThan(0);
    expect(result.loss.final).toBeLessThan(1);
  });

  it('respects powers of two and single weight scales', async () => {
    const profile = getProfile('esp-dl-s3');
    const { plan } = await run({ bits: { ...defaultOptions(8, 8).bits } }, {}, profile);
    for (const { scale, zeroPoint } of plan.activations.values()) {
      expect(Number.isInteger(Math.log2(scale))).toBe(true);
      expect(zeroPoint).toBe(0);
    }
    for (const { scales } of plan.weights.values()) {
      expect(scales.length).toBe(1);
      expect(Number.isInteger(Math.log2(scales[0]))).toBe(true);
    }
  });

  it('searches the steps of narrow weights alone where activations have 16 bits', async () => {
    const { trace } = await run({ bits: { ...defaultOptions(4, 16).bits } }, {}, getProfile('int16x8'));
    // `spatial` and `mix`; stem and head have 8 bits.
    expect(trace.find(({ phase }) => phase === 'joint')?.detail).toMatch(/^sweep 1, 2 coordinates/);
    expect(trace.filter(({ phase }) => phase === 'activations')).toEqual([]);
  });

  it('rounds the vertex of the exponents to a quarter, and tries none twice', async () => {
    const tried = async (weights: number, activations: number): Promise<number[]> => {
      const { trace } = await run({ bits: { ...defaultOptions(weights, activations).bits, policy: 'all' } });
      return trace.filter(({ phase }) => phase === 'exponent').map(({ detail }) => Number(detail.slice(4)));
    };
    // The vertices are 3.166 and 3.596.
    expect(await tried(4, 8)).toEqual([2, 2.5, 3, 3.5, 4, 3.25]);
    expect(await tried(8, 4)).toEqual([2, 2.5, 3, 3.5, 4]);
  });

  it('sweeps activations a last time only where weights were rounded anew', async () => {
    const last = async (weights: number): Promise<boolean> => {
      const { trace } = await run({ bits: { ...defaultOptions(weights, 8).bits } });
      return trace.some(({ phase }) => phase === 'activations');
    };
    expect(await last(8)).toBe(false);
    expect(await last(4)).toBe(true);
  });

  it('is resumed from a journal without running what was run', async () => {
    const whole = await run();
    const half = whole.journal.slice(0, 20);
    const resumed = await run({}, { journal: half });
    expect(resumed.plan).toEqual(whole.plan);
    expect(resumed.journal).toEqual(whole.journal);
    expect(resumed.evaluations).toEqual(whole.evaluations);
  });

  it.each(['exponent', 'joint', 'activations'])(
    'resumes from an interrupt in phase %s to the same result',
    async (phase) => {
      const whole = await run();
      const controller = new AbortController();
      const kept: JournalEntry[] = [];
      const stopped = await run(
        {},
        {
          signal: controller.signal,
          onProgress: (step) => {
            if (step.phase === phase) controller.abort();
          },
          onJournal: (entry) => kept.push(entry),
        },
      );
      expect(stopped.interrupted).toBe(true);
      expect(stopped.journal).toEqual(kept);
      expect(kept).toEqual(whole.journal.slice(0, kept.length));
      expect(kept.length).toBeLessThan(whole.journal.length);
      const found: JournalEntry[] = [];
      const resumed = await run({}, { journal: kept, onJournal: (entry) => found.push(entry) });
      expect(resumed.plan).toEqual(whole.plan);
      expect(resumed.trace).toEqual(whole.trace);
      expect(resumed.evaluations).toEqual(whole.evaluations);
      expect([...kept, ...found]).toEqual(whole.journal);
    },
  );

  it('tells where its time went, in the order of the phases', async () => {
    const { times } = await run();
    expect(times.map(({ phase }) => phase)).toEqual(['start', 'exponent', 'joint', 'rounding', 'activations']);
    for (const { seconds, simulateSeconds } of times) {
      expect(simulateSeconds).toBeGreaterThan(0);
      expect(simulateSeconds).toBeLessThanOrEqual(seconds);
    }
  });

  it('stops when asked and keeps the best so far', async () => {
    const controller = new AbortController();
    const result = await run(
      {},
      {
        signal: controller.signal,
        onProgress: ({ phase }) => {
          if (phase === 'joint') controller.abort();
        },
      },
    );
    expect(result.interrupted).toBe(true);
    expect(result.loss.final).toBeLessThanOrEqual(result.loss.initial);
    expect(lower(graph, result.plan, cmsis).operations.length).toBeGreaterThan(0);
  });

  it('reports progress with phases in order and a loss that never rises within a sweep', async () => {
    const phases: string[] = [];
    await run(
      {},
      {
        onProgress: ({ phase, done, total }) => {
          if (phases.at(-1) !== phase) phases.push(phase);
          expect(done).toBeLessThanOrEqual(total);
        },
      },
    );
    expect(phases).toEqual(['start', 'exponent', 'joint', 'rounding', 'activations']);
  });
});

describe('bad input of the quantizer', () => {
  const code = async (promise: Promise<unknown>): Promise<string> =>
    promise.then(
      () => 'none',
      (error: unknown) => (error instanceof BitwrightError ? error.code : String(error)),
    );

  it('is refused with its own code', async () => {
    expect(await code(run({ method: 'nonsense' }))).toBe('USAGE');
    expect(await code(run({ objective: 'cross-entropy' }))).toBe('DATASET_INVALID');
    expect(await code(run({ bits: { ...defaultOptions(4, 4).bits, weights: 5 } }))).toBe('TARGET_LIMIT');
    const overrides = [{ pattern: 'nowhere*', weights: 8 }];
    expect(await code(run({ bits: { ...defaultOptions(4, 4).bits, overrides } }))).toBe('TARGET_LIMIT');
  });

  it('names weights and statistics that are no numbers', async () => {
    const broken = smallNetwork(seed);
    (broken.constants.get('mix.w') as { data: Float32Array }).data[3] = Number.NaN;
    const samples = { inputs, labels: null, metric: 'none' as const };
    const weights = quantizeModel(broken, statistics, samples, cmsis, defaultOptions(8, 8), await localPool());
    expect(await code(weights)).toBe('MODEL_INVALID');
    const infinite = { ...statistics, values: new Map(statistics.values) };
    infinite.values.set('mix.out', {
      ...(statistics.values.get('mix.out') as never as object),
      max: Infinity,
    } as never);
    const values = quantizeModel(graph, infinite, samples, cmsis, defaultOptions(8, 8), await localPool());
    expect(await code(values)).toBe('CALIBRATION_FAILED');
  });

  it('quantizes layers of zeros, dead channels and activations that never fire', async () => {
    const dead = smallNetwork(seed);
    (dead.constants.get('mix.w') as { data: Float32Array }).data.fill(0);
    (dead.constants.get('spatial.w') as { data: Float32Array }).data.fill(0, 0, 18);
    (dead.constants.get('spatial.b') as { data: Float32Array }).data.fill(-1);
    const own = statisticsOf(dead, calibration);
    const samples = { inputs, labels: null, metric: 'none' as const };
    const result = await quantizeModel(dead, own, samples, cmsis, defaultOptions(4, 8), await localPool());
    expect(result.warnings).toEqual([
      expect.stringContaining('mix.out'),
      expect.stringContaining('layer spatial: 2 of 8'),
      expect.stringContaining('layer mix has only zero weights'),
    ]);
    expect(Number.isFinite(result.loss.final)).toBe(true);
    for (const { scales } of result.plan.weights.values()) for (const scale of scales) expect(scale).toBeGreaterThan(0);
  });
});
