/** Every gradient rule against central differences of an independent float64 forward pass. */
import { expect, test } from 'vitest';
import { seededRandom } from '../../../src/base/random.ts';
import { elementCount, type Shape, type Tensor } from '../../../src/base/tensor.ts';
import { opsWithGradient } from '../../../src/finetune/gradients/registry.ts';
import type { Graph } from '../../../src/graph/graph.ts';
import { type GradientCase, gradientCases } from './gradient-cases.ts';
import { type Array64, referenceForward } from './reference-forward.ts';
import { floatOptions, randomTensor, runTraining, sketchGraph } from './training-harness.ts';

const batch = 2;
const seed = 20261121;

/**
 * Puts a trainable factor [1, ...] before the checked node, so that its input gradient shows in the factor's gradient, and sums
 * outputs of several values with different weights through concat-free heads.
 */
function graphOf(sample: GradientCase): { graph: Graph; parameters: string[] } {
  const constants: Record<string, Tensor> = { ...sample.constants };
  const inputs: Record<string, Shape> = {};
  const nodes = [];
  const parameters = Object.keys(sample.constants ?? {}).filter((name) => sample.frozen?.includes(name) !== true);
  for (const [name, shape] of Object.entries(sample.inputs)) {
    if (sample.integers?.[name] !== undefined) {
      inputs[name] = shape;
      continue;
    }
    inputs[`${name}-in`] = shape;
    constants[`${name}-factor`] = randomTensor(shape, name.length + shape.length, 0.3);
    parameters.push(`${name}-factor`);
    nodes.push({ op: 'mul', inputs: [`${name}-in`, `${name}-factor`], outputs: { [name]: shape } });
  }
  nodes.push({ op: sample.op, inputs: sample.order, outputs: sample.outputs, attributes: sample.attributes ?? {} });
  const dtypes = Object.fromEntries(Object.keys(sample.integers ?? {}).map((name) => [name, 'int64' as const]));
  return { graph: sketchGraph(inputs, constants, nodes, dtypes), parameters };
}

const toArray64 = (tensor: Tensor): Array64 => ({
  shape: tensor.shape,
  data: Float64Array.from(tensor.data as Float32Array, Number),
});

function meanSquaredError(values: Float64Array, target: Float32Array): number {
  let sum = 0;
  for (let index = 0; index < values.length; index++) sum += (values[index]! - target[index]!) ** 2;
  return sum / values.length;
}

function inputsOf(sample: GradientCase, graph: Graph): Record<string, Tensor> {
  return Object.fromEntries(
    graph.inputs.map((name, index) => {
      const shape = [batch, ...graph.values.get(name)!.shape.slice(1)];
      const rows = sample.integers?.[name];
      if (rows !== undefined) {
        const random = seededRandom(seed);
        const data = BigInt64Array.from({ length: elementCount(shape) }, () => BigInt(random.integer(0, rows - 1)));
        return [name, { dtype: 'int64', shape, data } satisfies Tensor];
      }
      const tensor = randomTensor(shape, seed + index, 0.2);
      // A positive factor and a positive input keep the argument of sqrt positive.
      return [name, sample.positive ? { ...tensor, data: tensor.data.map((value) => Math.abs(value) + 0.5) } : tensor];
    }),
  );
}

test.each(gradientCases.map((sample) => [sample.title, sample] as const))('%s', async (_title, sample) => {
  const { graph: sketched, parameters } = graphOf(sample);
  const graph: Graph = sample.positive
    ? {
        ...sketched,
        constants: new Map(
          [...sketched.constants].map(([name, t]) => [
            name,
            { ...t, data: (t.data as Float32Array).map(Math.abs) } as Tensor,
          ]),
        ),
      }
    : sketched;
  const feeds = inputsOf(sample, graph);
  const outputShape = [batch, ...graph.values.get(graph.outputs[0]!)!.shape.slice(1)];
  const target = randomTensor(outputShape, seed + 9).data;
  const run = await runTraining(graph, floatOptions(graph, batch, parameters), feeds, { 'mean-squared-error': target });

  const base = new Map<string, Array64>(Object.entries(feeds).map(([name, tensor]) => [name, toArray64(tensor)]));
  for (const name of parameters) base.set(name, toArray64(graph.constants.get(name)!));
  const lossAt = (name: string, index: number, delta: number): number => {
    const array = base.get(name)!;
    const data = array.data.slice();
    data[index]! += delta;
    const values = referenceForward(graph, new Map([...base, [name, { ...array, data }]]));
    return meanSquaredError(values.get(graph.outputs[0]!)!.data, target);
  };
  expect(run.loss).toBeCloseTo(lossAt(parameters[0]!, 0, 0), 4);
  const random = seededRandom(seed);
  for (const name of parameters) {
    const gradient = run.gradients.get(name);
    expect(gradient, `no gradient for ${name}, seed ${seed}`).toBeDefined();
    const largest = Math.max(...gradient!.map(Math.abs));
    expect(largest, `${name} has only zero gradients`).toBeGreaterThan(0);
    for (let probe = 0; probe < 10; probe++) {
      const index = random.integer(0, gradient!.length - 1);
      const step = 1e-5;
      const difference = (lossAt(name, index, step) - lossAt(name, index, -step)) / (2 * step);
      const tolerance = 2e-4 * Math.max(largest, 0.01);
      expect(
        Math.abs(gradient![index]! - difference),
        `${name}[${index}] is ${gradient![index]}, difference quotient ${difference}, seed ${seed}`,
      ).toBeLessThan(tolerance);
    }
  }
});

test('every rule has a case', () => {
  expect([...new Set(gradientCases.map((sample) => sample.op))].sort()).toEqual(opsWithGradient());
});
