/** A search whose loss is of other samples than those that it is calibrated with. */
import { expect, it } from 'vitest';
import { getProfile } from '../../../src/arithmetic/registry.ts';
import type { FloatTensor } from '../../../src/base/tensor.ts';
import type { QuantizationPlan } from '../../../src/graph/quantization-plan.ts';
import { cutEpilogue } from '../../../src/lower/epilogue.ts';
import { lower } from '../../../src/lower/lower.ts';
import { defaultOptions, type QuantizeOptions, quantizeModel } from '../../../src/search/quantize-model.ts';
import { quantizeSamples } from '../../../src/simulate/quantize-samples.ts';
import { runReference } from '../../../src/simulate/reference-engine.ts';
import { heldSamples, localPool, randomSamples, smallNetwork, statisticsOf } from './small-network.ts';

const seed = 6;
const graph = smallNetwork(seed);
const own = randomSamples(96, seed);
const inputs = heldSamples(own);
const statistics = statisticsOf(graph, own);
const cmsis = getProfile('cmsis-nn');

/** KL divergence of the program's softmax from the float network's, written out, in the TypeScript reference. */
function meanDivergence(plan: QuantizationPlan, samples: FloatTensor): number {
  const program = lower(cutEpilogue(graph, cmsis).graph, plan, cmsis);
  const port = { tensor: program.tensors[program.inputs[0]], samples };
  const logits = program.tensors.findIndex(({ name }) => name === 'head.out');
  const { scale } = program.tensors[logits];
  const count = samples.shape[0];
  const [batch] = quantizeSamples([port], cmsis.quantizeInput).inputs;
  const width = batch.length / count;
  const float = statisticsOf(graph, samples).outputs.get('softmax.out')?.data as Float32Array;
  let sum = 0;
  for (let sample = 0; sample < count; sample++) {
    let powers: number[] = [];
    runReference(program, [batch.slice(sample * width, (sample + 1) * width)], ({ output }, _, codes) => {
      if (output === logits) powers = Array.from(codes, (code) => Math.exp(scale * code));
    });
    const total = powers.reduce((all, power) => all + power, 0);
    powers.forEach((power, index) => {
      const own = float[4 * sample + index];
      sum += own * Math.log(own / (power / total));
    });
  }
  return sum / count;
}

it('takes the loss on samples of their own where there are some, and everything else from the calibration samples', async () => {
  const others = randomSamples(96, seed + 1);
  const lossSamples = { inputs: heldSamples(others), outputs: statisticsOf(graph, others).outputs };
  const quantized = async (options: Partial<QuantizeOptions>, withOthers: boolean) => {
    const samples = { inputs, labels: null, metric: 'none' as const, ...(withOthers ? { lossSamples } : {}) };
    return quantizeModel(graph, statistics, samples, cmsis, { ...defaultOptions(4, 4), ...options }, await localPool());
  };
  const mmse = { method: 'mmse' };
  const [plain, other] = [await quantized(mmse, false), await quantized(mmse, true)];
  // A step method looks at no loss, so its plan is the same, with correlations and means of the same samples.
  expect(other.plan).toEqual(plain.plan);
  expect(other.loss.final).not.toBe(plain.loss.final);
  const searched = await quantized({}, true);
  expect(searched.loss.final).toBeCloseTo(meanDivergence(searched.plan, others), 6);
  expect(searched.loss.final).toBeLessThanOrEqual(searched.loss.initial);
  expect(searched.plan).not.toEqual((await quantized({}, false)).plan);
});
