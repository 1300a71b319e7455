/**
 * Figure 2 of the paper: the loss over the activation steps of two adjacent layers; everything else has 8 bits. The loss
 * is the squared error of the logits: a divergence from answers this sure is carried by a few images and too ragged to look at.
 */
import { getProfile } from '../../dist/arithmetic/registry.js';
import { partsOf } from '../../dist/search/plan-parts.js';
import { defaultOptions } from '../../dist/search/quantize-model.js';
import { createScaleSpace } from '../../dist/search/scale-space.js';
import { stepsOfExponents } from '../../dist/search/start-steps.js';
import { openBench } from './search-bench.mjs';

export const surfaceBits = [4, 3, 2];
export const surfaceKey = (model, bits) => `${model} | loss surface | ${bits} bits`;

/** How far the outermost steps reach in ln(step). */
const reach = Math.log(2.5);
const samples = 64;

/** Losses[row][column]: the step of the second layer grows with the row, that of the first with the column. */
export async function measureSurface(study, bits, pool, quick) {
  const half = quick ? 1 : 6;
  const count = quick ? 8 : samples;
  const { graph, statistics, inputs } = await study.calibration(count);
  const profile = getProfile('cmsis-nn');
  const names = adjacentInputs(graph);
  const plain = defaultOptions(8, 8);
  const overrides = names.map((pattern) => ({ pattern, activations: bits }));
  const options = {
    ...plain,
    objective: 'mse',
    rounding: 'nearest',
    bits: { ...plain.bits, policy: 'all', overrides },
  };
  const data = { inputs, labels: null, metric: 'top-1' };
  const { setup, evaluator } = await openBench(graph, statistics, data, profile, options, pool, false);
  const wideInputs = setup.layers.map(() => null);
  const space = createScaleSpace(partsOf(setup, stepsOfExponents(setup, [2])[0], { ...options, wideInputs }));
  const [first, second] = names.map((name) => space.coordinates.findIndex((coordinate) => coordinate.name === name));
  const offsets = Array.from({ length: 2 * half + 1 }, (_, index) => (reach * (index - half)) / half);
  const losses = [];
  for (const along of offsets) {
    const row = [];
    for (const across of offsets) {
      const theta = space.origin.with(first, across).with(second, along);
      row.push((await evaluator.loss(space.planAt(theta), 1, false)).fit);
    }
    losses.push(row);
  }
  return { bits, samples: count, names, offsets, losses };
}

/** Inputs of two successive convolutions in the middle of the network. */
function adjacentInputs(graph) {
  const inputs = graph.nodes.filter(({ op }) => op === 'conv').map((node) => node.inputs[0]);
  const distinct = [...new Set(inputs)].filter((name) => !graph.inputs.includes(name));
  const middle = Math.floor(distinct.length / 2);
  return [distinct[middle - 1], distinct[middle]];
}
