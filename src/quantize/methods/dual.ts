/**
 * DUAL (Choukroun et al., 1902.06822): a layer that one low-bit tensor represents badly gets two, W = a1 T1 + a2 T2: the nearest codes,
 * and the nearest codes of what they leave. In an integer program the second tensor is a second layer over the same input and a sum, so
 * the layer's multiply-accumulates double. Steps are those of least squared error. Activations stay single: the residual of an
 * activation exists only at run time.
 */
import { roundHalfEven } from '../../arithmetic/rounding.ts';
import { floatTensor } from '../../base/tensor.ts';
import type { Node, Value } from '../../graph/graph.ts';
import { applyEdits, type GraphEdit } from '../../rewrites/edit-graph.ts';
import { clampCode } from '../code-grid.ts';
import { distributionOfValues } from '../distribution.ts';
import { leastSquaresStep } from '../least-squares-step.ts';
import { lpSteps } from '../lp-step.ts';
import type { LayerToPrepare, StepMethod } from '../step-method.ts';

export const method: StepMethod = {
  name: 'dual',
  title: 'Two low-bit tensors for layers that one represents badly (DUAL).',
  parameter: { name: 'relative squared error above which a layer is doubled', default: 0.01, min: 0, max: 1 },
  choose: (distribution, grid) => leastSquaresStep(distribution, grid, lpSteps(distribution, grid, [2])[0]),
  prepare(graph, layers, errorMax) {
    const doubled = layers
      .map((layer) => ({ layer, first: nearestOnGrid(layer) }))
      .filter(({ layer, first }) => relativeError(layer.weighted.weights, first) > errorMax);
    return {
      graph: applyEdits(
        graph,
        doubled.map(({ layer, first }) => doubling(layer, first, graph.values.get(layer.weighted.node.outputs[0])!)),
      ),
      overrides: doubled.flatMap(({ layer: { weighted, weightBits, outputBits } }) => [
        { pattern: secondName(weighted.node), weights: weightBits },
        { pattern: weighted.node.outputs[0], activations: outputBits },
      ]),
    };
  },
};

// --- Internal helpers ---

const secondName = (node: Node): string => `${node.name}.second`;

/** a1 T1: the weights at their codes, per channel or tensor. */
function nearestOnGrid({ weighted, grid, perChannel }: LayerToPrepare): Float32Array<ArrayBuffer> {
  const { weights, outputs } = weighted;
  const length = perChannel ? weights.length / outputs : weights.length;
  const result = new Float32Array(weights.length);
  for (let at = 0; at < weights.length; at += length) {
    const own = weights.subarray(at, at + length);
    const distribution = distributionOfValues(own);
    if (distribution.min === 0 && distribution.max === 0) continue;
    const { step } = method.choose(distribution, grid, 0);
    for (let index = 0; index < length; index++) {
      result[at + index] = step * clampCode(roundHalfEven(own[index] / step), grid);
    }
  }
  return result;
}

function relativeError(weights: Float32Array, rounded: Float32Array): number {
  let error = 0;
  let energy = 0;
  for (let index = 0; index < weights.length; index++) {
    error += (weights[index] - rounded[index]) ** 2;
    energy += weights[index] ** 2;
  }
  return energy === 0 ? 0 : error / energy;
}

/** layer -> layer on T1 + layer on T2, with the fused activation behind the sum. */
function doubling({ weighted }: LayerToPrepare, first: Float32Array<ArrayBuffer>, output: Value): GraphEdit {
  const { node, shape, weights } = weighted;
  const rest = weights.map((weight, index) => weight - first[index]);
  const [input, weightName, bias = ''] = node.inputs;
  const second = secondName(node);
  const constants = [
    [`${weightName}.first`, floatTensor(shape, first)],
    [`${weightName}.second`, floatTensor(shape, rest)],
  ] as const;
  const open = { ...node.attributes, clamp: null };
  const half = (name: string, at: 0 | 1): Node => ({
    ...node,
    name,
    inputs: [input, constants[at][0], at === 0 ? bias : ''],
    outputs: [`${output.name}.${at === 0 ? 'first' : 'second'}`],
    attributes: open,
  });
  const halves = [half(node.name, 0), half(second, 1)];
  const sum: Node = {
    name: `${node.name}.sum`,
    op: 'add',
    inputs: halves.map(({ outputs }) => outputs[0]),
    outputs: [output.name],
    attributes: { clamp: node.attributes.clamp ?? null },
  };
  return {
    replace: new Map([[node, [...halves, sum]]]),
    constants,
    values: halves.map(({ outputs }) => ({ ...output, name: outputs[0] })),
  };
}
