/** Methods that change the graph: split channels and doubled layers compute the same floats, and their weights are as worked out by hand. */
import { describe, expect, it } from 'vitest';
import { getProfile } from '../../../src/arithmetic/registry.ts';
import { BitwrightError } from '../../../src/base/errors.ts';
import { seededRandom } from '../../../src/base/random.ts';
import type { FloatTensor } from '../../../src/base/tensor.ts';
import type { Graph } from '../../../src/graph/graph.ts';
import { codeRange } from '../../../src/graph/quantization-plan.ts';
import { distributionOfValues } from '../../../src/quantize/distribution.ts';
import { leastSquaresStep } from '../../../src/quantize/least-squares-step.ts';
import { splitOutliers } from '../../../src/quantize/outlier-splitting.ts';
import { prepareModel } from '../../../src/search/prepare-model.ts';
import { defaultOptions, quantizeModel } from '../../../src/search/quantize-model.ts';
import { heldSamples, localPool, randomSamples, runFloat, smallNetwork, statisticsOf } from './small-network.ts';

const cmsis = getProfile('cmsis-nn');
const graph = smallNetwork(6);
const samples = randomSamples(96, 6);
const optionsOf = (method: string, weights = 3) => ({ ...defaultOptions(weights, 8), method });
const weightsOf = (name: string, from = graph): FloatTensor => from.constants.get(name) as FloatTensor;

function largest({ data }: FloatTensor): number {
  return data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

describe('least-squares steps', () => {
  it('are <x, T> / <T, T>, worked by hand', () => {
    const grid = { ...codeRange(4), zeroPoint: 0 };
    const { step } = leastSquaresStep(distributionOfValues(Float64Array.of(1, 2, 3.2)), grid, {
      step: 1,
      zeroPoint: 0,
    });
    expect(step).toBeCloseTo((1 + 4 + 9.6) / 14, 12);
  });

  it('find the step of values that lie on a grid', () => {
    const grid = { ...codeRange(3), zeroPoint: 0 };
    const values = Float64Array.of(-4, 3, 2, -1, 0, 3).map((code) => 0.37 * code);
    expect(leastSquaresStep(distributionOfValues(values), grid, { step: 0.36, zeroPoint: 0 }).step).toBeCloseTo(
      0.37,
      12,
    );
  });
});

describe('splitting outlier channels', () => {
  it('halves the channel with the largest weight, a quarter of a step apart', () => {
    const { weights, sources } = splitOutliers(Float32Array.of(4, 1, -2, 0.5), 2, 2, 1, () => [1]);
    expect(sources).toEqual([0, 1, 0]);
    // [output][channel]: 4 = 1.75 + 2.25, -2 = -1.25 - 0.75.
    expect([...weights]).toEqual([1.75, 1, 2.25, -1.25, 0.5, -0.75]);
  });

  it('keeps the code of every weight as the sum of the codes of its parts', () => {
    const seed = 11;
    const random = seededRandom(seed);
    const original = Float32Array.from({ length: 4 * 6 * 3 }, () => random.normal());
    const step = 0.3;
    const { weights, sources } = splitOutliers(original, 4, 6, 7, () => [step]);
    const sums = new Float64Array(original.length);
    weights.forEach((weight, index) => {
      const [output, channel, tap] = [Math.floor(index / 39), Math.floor(index / 3) % 13, index % 3];
      sums[(output * 6 + sources[channel]) * 3 + tap] += Math.round(weight / step) + 0;
    });
    expect([...sums], `seed ${seed}`).toEqual(Array.from(original, (weight) => Math.round(weight / step) + 0));
  });
});

describe.each(['ocs:0.3', 'dual:0'])('%s', (method) => {
  const prepared = prepareModel(graph, cmsis, optionsOf(method));

  it('computes the same floats', () => {
    const before = runFloat(graph, samples).get('softmax.out') as FloatTensor;
    const after = runFloat(prepared.graph, samples).get('softmax.out') as FloatTensor;
    after.data.forEach((value, index) => {
      expect(Math.abs(value - before.data[index])).toBeLessThan(1e-5);
    });
  });
});

/** Final loss of a method alone, summed over three networks: one of so few weights can have luck. `spoil` changes the weights first. */
async function lossOf(
  method: string,
  weights: number,
  spoil: (graph: Graph) => void = () => undefined,
): Promise<number> {
  let sum = 0;
  for (const seed of [6, 7, 8]) {
    const network = smallNetwork(seed);
    spoil(network);
    const { graph: own, options } = prepareModel(network, cmsis, { ...optionsOf(method, weights), perChannel: false });
    const inputs = randomSamples(96, seed);
    const data = { inputs: heldSamples(inputs), labels: null, metric: 'none' as const };
    const plain = { ...options, rounding: 'nearest' as const };
    const result = await quantizeModel(own, statisticsOf(own, inputs), data, cmsis, plain, await localPool());
    sum += result.loss.final;
  }
  return sum;
}

describe('ocs', () => {
  it('loses less than MMSE where one channel of the weights is an outlier', async () => {
    const spoil = (network: Graph): void => {
      const { data } = network.constants.get('mix.w') as FloatTensor;
      for (let output = 0; output < 8; output++) data[output * 8 + 2] *= 6;
    };
    expect(await lossOf('ocs:0.3', 4, spoil)).toBeLessThan(await lossOf('mmse', 4, spoil));
  });

  it('widens convolutions below 8 bits alone, by the share that was asked for', () => {
    const { graph: split } = prepareModel(graph, cmsis, optionsOf('ocs:0.3'));
    expect(weightsOf('mix.w.split', split).shape).toEqual([8, 11, 1, 1]);
    expect(largest(weightsOf('mix.w.split', split))).toBeLessThan(largest(weightsOf('mix.w')));
    expect(split.constants.get('stem.w')).toBe(graph.constants.get('stem.w'));
    expect(split.constants.get('spatial.w')).toBe(graph.constants.get('spatial.w'));
  });
});

describe('dual', () => {
  it('loses less than MMSE', async () => {
    expect(await lossOf('dual:0', 2)).toBeLessThan(0.3 * (await lossOf('mmse', 2)));
  });

  it('doubles what lies above its threshold and nothing else', () => {
    expect(prepareModel(graph, cmsis, optionsOf('dual:1')).graph.nodes.length).toBe(graph.nodes.length);
    const { graph: doubled } = prepareModel(graph, cmsis, optionsOf('dual:0'));
    const added = doubled.nodes
      .map(({ name }) => name)
      .filter((name) => !graph.nodes.some((node) => node.name === name));
    expect(added).toEqual(['spatial.second', 'spatial.sum', 'mix.second', 'mix.sum']);
    const first = weightsOf('mix.w.first', doubled).data;
    const second = weightsOf('mix.w.second', doubled).data;
    weightsOf('mix.w').data.forEach((weight, index) => {
      expect(first[index] + second[index]).toBeCloseTo(weight, 6);
    });
  });

  it('gives the second tensor the bits of the first, and the sum those of the layer', () => {
    const { options } = prepareModel(graph, cmsis, {
      ...optionsOf('dual:0', 2),
      bits: { ...defaultOptions(2, 4).bits },
    });
    expect(options.bits.overrides).toEqual([
      { pattern: 'spatial.second', weights: 2 },
      { pattern: 'spatial.out', activations: 4 },
      { pattern: 'mix.second', weights: 2 },
      { pattern: 'mix.out', activations: 8 },
    ]);
  });
});

it('leaves the graph alone for every other method, and refuses unknown ones', () => {
  for (const method of ['lapq', 'mmse']) expect(prepareModel(graph, cmsis, optionsOf(method)).graph).toBe(graph);
  expect(() => prepareModel(graph, cmsis, optionsOf('nonsense'))).toThrow(BitwrightError);
});
