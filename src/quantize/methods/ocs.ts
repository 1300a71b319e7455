/**
 * OCS, outlier channel splitting (Zhao et al., 1901.09504): the input channel with the largest weight is duplicated and its weights
 * halved, again and again, so that outliers need no large step. The split keeps Q(w) = Q(w1) + Q(w2): half, minus and plus a quarter of a
 * step. In the graph a slice and a concatenation duplicate the channels of the input, which moves codes and computes nothing.
 */
import { floatTensor } from '../../base/tensor.ts';
import type { Graph, Node, Value } from '../../graph/graph.ts';
import { applyEdits, type GraphEdit } from '../../rewrites/edit-graph.ts';
import { distributionOfValues } from '../distribution.ts';
import { lpSteps } from '../lp-step.ts';
import { splitOutliers } from '../outlier-splitting.ts';
import type { LayerToPrepare, StepMethod } from '../step-method.ts';
import type { WeightedNode } from '../weighted-nodes.ts';

export const method: StepMethod = {
  name: 'ocs',
  title: 'Outlier channels of the weights split in two (OCS), steps of least squared error.',
  parameter: { name: 'share of input channels to split', default: 0.05, min: 0, max: 1 },
  choose: (distribution, grid) => lpSteps(distribution, grid, [2])[0],
  prepare(graph, layers, share) {
    const split = layers.filter(({ weighted }) => isSplittable(weighted) && share > 0);
    return {
      graph: applyEdits(
        graph,
        split.map((layer) => splitting(graph, layer, share)),
      ),
      overrides: [],
    };
  },
};

// --- Internal helpers ---

/** Where the input channels are an axis of the weights of their own: no groups, no depthwise or transposed convolutions. */
function isSplittable({ node }: WeightedNode): boolean {
  return node.op === 'fully-connected' || (node.op === 'conv' && node.attributes.groups === 1);
}

function splitting(graph: Graph, layer: LayerToPrepare, share: number): GraphEdit {
  const { node, shape, weights, outputs } = layer.weighted;
  const channels = shape[1];
  const { weights: split, sources } = splitOutliers(weights, outputs, channels, Math.ceil(share * channels), (halved) =>
    stepsOfWeights(halved, layer),
  );
  const input = graph.values.get(node.inputs[0]) as Value;
  const widened = widening(node, input, sources.slice(channels));
  const weightName = `${node.inputs[1]}.split`;
  const changed: Node = { ...node, inputs: [widened.output, weightName, ...node.inputs.slice(2)] };
  return {
    replace: new Map([[node, [...widened.nodes, changed]]]),
    constants: [[weightName, floatTensor([outputs, sources.length, ...shape.slice(2)], split)]],
    values: widened.values,
  };
}

/** Of the whole tensor or of each output channel; 0 where all weights are 0. */
function stepsOfWeights(weights: Float32Array<ArrayBuffer>, { weighted, grid, perChannel }: LayerToPrepare): number[] {
  const slices = perChannel ? weighted.outputs : 1;
  const length = weights.length / slices;
  return Array.from({ length: slices }, (_, slice) => {
    const distribution = distributionOfValues(weights.subarray(slice * length, (slice + 1) * length));
    return distribution.min === 0 && distribution.max === 0 ? 0 : method.choose(distribution, grid, 0).step;
  });
}

/** What the operator `concat` takes. */
const concatInputsMax = 7;

/** The input with copies of the given channels appended, in batches of what one concatenation takes. */
function widening(
  node: Node,
  input: Value,
  copies: readonly number[],
): { nodes: Node[]; values: Value[]; output: string } {
  const axis = node.op === 'fully-connected' ? input.shape.length - 1 : 1;
  const nodes: Node[] = [];
  const values: Value[] = [];
  const add = (
    name: string,
    op: string,
    inputs: string[],
    channels: number,
    attributes: Node['attributes'],
  ): string => {
    const output = `${name}.out`;
    nodes.push({ name, op, inputs, outputs: [output], attributes });
    values.push({ ...input, name: output, shape: input.shape.map((size, at) => (at === axis ? channels : size)) });
    return output;
  };
  let current = input.name;
  let width = input.shape[axis];
  for (let from = 0; from < copies.length; from += concatInputsMax - 1) {
    const batch = copies.slice(from, from + concatInputsMax - 1);
    const slices = batch.map((channel, index) => {
      const begin = input.shape.map((_, at) => (at === axis ? channel : 0));
      const end = input.shape.map((size, at) => (at === axis ? channel + 1 : size));
      const step = input.shape.map(() => 1);
      return add(`${node.name}.copy${from + index}`, 'slice', [input.name], 1, { begin, end, step });
    });
    width += batch.length;
    current = add(`${node.name}.wide${from}`, 'concat', [current, ...slices], width, { axis });
  }
  return { nodes, values, output: current };
}
