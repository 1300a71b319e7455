/** Drops nodes that change nothing (a reshape to the same shape, a whole slice, empty padding, an open clamp) and joins reshapes of reshapes and slices of slices. */
import type { Shape } from '../base/tensor.ts';
import type { FusedClamp, Graph, Node } from '../graph/graph.ts';
import { applyMatches, type GraphEdit, type GraphIndex, type Match, type Rewrite } from './edit-graph.ts';

export const dropNoOps: Rewrite = (graph) => applyMatches(graph, match);

const match: Match = (node, index, graph) => {
  if (isNoOp(node, graph)) return dropped(node, index, graph);
  const before = index.ownedProducer(node.inputs[0]!);
  if (before === undefined || before.op !== node.op) return undefined;
  if (node.op === 'slice')
    return {
      replace: new Map([
        [before, []],
        [node, [joinedSlice(before, node)]],
      ]),
    };
  if (node.op !== 'reshape') return undefined;
  return {
    replace: new Map([
      [before, []],
      [node, [{ ...node, inputs: before.inputs }]],
    ]),
  };
};

/** Element i of the second is element begin + step * i of the first. */
function joinedSlice(first: Node, second: Node): Node {
  const list = (node: Node, name: string): readonly number[] => node.attributes[name] as readonly number[];
  const [begin, end, step] = [list(second, 'begin'), list(second, 'end'), list(second, 'step')];
  const joined = list(first, 'begin').map((base, axis) => {
    const stride = list(first, 'step')[axis]!;
    const last = begin[axis]! + Math.floor((end[axis]! - 1 - begin[axis]!) / step[axis]!) * step[axis]!;
    return { begin: base + stride * begin[axis]!, end: base + stride * last + 1, step: stride * step[axis]! };
  });
  const attribute = (name: 'begin' | 'end' | 'step'): number[] => joined.map((range) => range[name]);
  return {
    ...second,
    inputs: first.inputs,
    attributes: { begin: attribute('begin'), end: attribute('end'), step: attribute('step') },
  };
}

function isNoOp(node: Node, graph: Graph): boolean {
  const shape = (name: string): Shape | undefined => graph.values.get(name)?.shape;
  const zeros = (name: string): boolean => (node.attributes[name] as readonly number[]).every((size) => size === 0);
  switch (node.op) {
    case 'reshape':
      return shape(node.inputs[0]!)?.join() === shape(node.outputs[0]!)?.join();
    case 'slice':
      return shape(node.inputs[0]!)?.join() === shape(node.outputs[0]!)?.join();
    case 'transpose':
      return (node.attributes.permutation as readonly number[]).every((axis, index) => axis === index);
    case 'pad':
      return zeros('before') && zeros('after');
    case 'clamp': {
      const clamp = node.attributes.clamp as unknown as FusedClamp;
      return clamp.min === Number.NEGATIVE_INFINITY && clamp.max === Number.POSITIVE_INFINITY;
    }
    default:
      return false;
  }
}

/** Readers of the output read the input instead; an output of the graph keeps its name where the producer can take it over. */
function dropped(node: Node, index: GraphIndex, graph: Graph): GraphEdit | undefined {
  const [input, output] = [node.inputs[0]!, node.outputs[0]!];
  if (!graph.outputs.includes(output)) return { replace: new Map([[node, []]]), rename: [[output, input]] };
  const before = index.ownedProducer(input);
  if (before === undefined) return undefined;
  const renamed = { ...before, outputs: before.outputs.map((name) => (name === input ? output : name)) };
  return {
    replace: new Map([
      [before, [renamed]],
      [node, []],
    ]),
  };
}
