/** The damping of the last rounding: found by a walk, judged by patches that nothing was fitted to. */
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/base/random.ts';
import type { QuantizationPlan } from '../../../src/graph/quantization-plan.ts';
import type { LayerInput } from '../../../src/quantize/input-patches.ts';
import type { LayerGeometry } from '../../../src/quantize/layer-geometry.ts';
import type { WeightedNode } from '../../../src/quantize/weighted-nodes.ts';
import type { Evaluator } from '../../../src/search/evaluator.ts';
import { walkDampings } from '../../../src/search/held-out-damping.ts';
import { momentsOfPatches, outputError } from '../../../src/search/layer-moments.ts';
import { collectPatches } from '../../../src/search/layer-patches.ts';
import { loadCodeProducts } from '../../../src/simulate/code-products.ts';

const dampings = [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100];

describe('the walk over dampings', () => {
  const walk = (start: number, errorOf: (damping: number) => number) => {
    const tried: number[] = [];
    const best = walkDampings(start, (damping) => {
      tried.push(damping);
      return errorOf(damping);
    });
    return { best, tried };
  };

  it.each(dampings)('finds a valley at %d from every start, trying each damping once', (valley) => {
    for (const start of dampings) {
      const { best, tried } = walk(start, (damping) => Math.abs(Math.log(damping / valley)));
      expect(best).toBe(valley);
      expect(new Set(tried).size).toBe(tried.length);
    }
  });

  it('does not turn back from a side that helped', () => {
    expect(walk(1, (damping) => Math.abs(Math.log(damping / 10))).tried).toEqual([1, 3, 10, 30]);
  });

  it('stops after one step to either side where nothing helps', () => {
    expect(walk(1, () => 5)).toEqual({ best: 1, tried: [1, 3, 0.3] });
  });

  it('stays where errors are no numbers', () => {
    expect(walk(0.3, () => Number.NaN).best).toBe(0.3);
  });
});

/** A layer on rows of 6 channels: 2 groups of 3 channels, each with 2 outputs. */
const geometry: LayerGeometry = {
  ...{ groups: 2, outputsPerGroup: 2, channelsPerGroup: 3, taps: 1, channels: 6 },
  window: {
    ...{ channels: 6, kernel: [1, 1], strides: [1, 1], dilations: [1, 1] },
    ...{ input: [1, 1], output: [1, 1], padTop: 0, padLeft: 0 },
  } as LayerGeometry['window'],
};

/** An evaluator of given codes, [samples][6], which hands them out in parts of five samples. */
function evaluatorOf(codes: Int8Array<ArrayBuffer>, fitting: number, samples: number, scale: number): Evaluator {
  return {
    samples,
    fitting,
    async codes(_plan: QuantizationPlan, _value: string, wanted: number, use: (part: LayerInput) => void) {
      for (let first = 0; first < wanted; first += 5) {
        const end = Math.min(wanted, first + 5);
        use({ codes: codes.slice(6 * first, 6 * end), first, samples: end - first, scale, zeroPoint: 0 });
      }
    },
  } as Partial<Evaluator> as Evaluator;
}

describe('patches of a layer', () => {
  const random = seededRandom(5);
  const [fitting, samples] = [30, 43];
  const codes = Int8Array.from({ length: 6 * samples }, () => random.integer(-128, 127));
  const plan = {} as QuantizationPlan;
  const rowsOf = (part: readonly { rows: number; codes: ArrayLike<number> }[] | null) =>
    Array.from({ length: part?.[0].rows ?? 0 }, (_, row) =>
      [0, 1].flatMap((group) =>
        [0, 1, 2].map((channel) => Number(part?.[group].codes[channel * part[group].rows + row])),
      ),
    );
  const expected = (first: number, end: number) =>
    Array.from({ length: end - first }, (_, row) => [...codes.subarray(6 * (first + row), 6 * (first + row + 1))]);

  it('fits the fitting samples and judges by the others', async () => {
    const options = { samples: 512, judged: true, seed: 1 };
    const found = await collectPatches(evaluatorOf(codes, fitting, samples, 0.5), plan, 'x', geometry, options);
    expect(rowsOf(found.fitting)).toEqual(expected(0, fitting));
    expect(rowsOf(found.heldOut)).toEqual(expected(fitting, samples));
  });

  it('fits no more samples than it may, and judges by none where it is not to or has none', async () => {
    const few = { samples: 12, judged: false, seed: 1 };
    const found = await collectPatches(evaluatorOf(codes, fitting, samples, 0.5), plan, 'x', geometry, few);
    expect(rowsOf(found.fitting)).toEqual(expected(0, 12));
    expect(found.heldOut).toBeNull();
    const all = evaluatorOf(codes, samples, samples, 0.5);
    expect((await collectPatches(all, plan, 'x', geometry, { ...few, judged: true })).heldOut).toBeNull();
  });
});

describe('the error of a rounded layer', () => {
  it('is the variance of its outputs around the float ones, less what no code can change', async () => {
    const random = seededRandom(9);
    const samples = 40;
    const [float, quantized] = [0, 1].map(() =>
      Int8Array.from({ length: 6 * samples }, () => random.integer(-100, 100)),
    );
    // The quantized network follows the float one, more coarsely.
    quantized.forEach((code, index) => {
      quantized[index] = Math.round(0.25 * float[index] + 0.03 * code);
    });
    const scales = [0.01, 0.04];
    const weights = Float32Array.from({ length: 12 }, () => random.normal());
    const layer = { weights, outputs: 4, perOutput: 3 } as Partial<WeightedNode> as WeightedNode;
    const options = { samples: 512, judged: false, seed: 1 };
    const [x, y] = await Promise.all(
      [float, quantized].map((codes, index) =>
        collectPatches(
          evaluatorOf(codes, samples, samples, scales[index]),
          {} as QuantizationPlan,
          'x',
          geometry,
          options,
        ),
      ),
    );
    const moments = momentsOfPatches(await loadCodeProducts(), geometry, y.fitting, x.fitting);
    const entry = (steps: readonly number[]) => ({
      scales: Float32Array.from(steps),
      codes: Int8Array.from(weights, (weight, index) =>
        Math.round(weight / steps[Math.floor(index / 3) % steps.length]),
      ),
    });
    const direct = ({ codes, scales: steps }: ReturnType<typeof entry>) => {
      let total = 0;
      for (let output = 0; output < 4; output++) {
        const first = output < 2 ? 0 : 3;
        const differences = Array.from({ length: samples }, (_, sample) => {
          let difference = 0;
          for (let k = 0; k < 3; k++) {
            const at = 6 * sample + first + k;
            const step = steps[steps.length === 1 ? 0 : output];
            difference += scales[1] * quantized[at] * step * codes[3 * output + k];
            difference -= scales[0] * float[at] * weights[3 * output + k];
          }
          return difference;
        });
        const mean = differences.reduce((sum, value) => sum + value, 0) / samples;
        total += differences.reduce((sum, value) => sum + (value - mean) ** 2, 0) / samples;
      }
      return total;
    };
    const [fine, coarse, single] = [entry([0.1, 0.2, 0.1, 0.3]), entry([0.9, 0.7, 0.8, 1.1]), entry([0.5])];
    const error = (of: ReturnType<typeof entry>) => outputError(layer, geometry, of, moments);
    expect(error(coarse) - error(fine)).toBeCloseTo(direct(coarse) - direct(fine), 9);
    expect(error(single) - error(fine)).toBeCloseTo(direct(single) - direct(fine), 9);
    expect(direct(fine)).toBeLessThan(direct(coarse));
  });
});
