/** Folds zero padding of the spatial axes into the convolution after it. Pools are left alone: their own padding means something else. */
import { applyMatches, type Match, type Rewrite } from './edit-graph.ts';

export const foldPad: Rewrite = (graph) => applyMatches(graph, match);

const match: Match = (node, index) => {
  if (node.op !== 'conv' && node.op !== 'depthwise-conv') return undefined;
  const pad = index.ownedProducer(node.inputs[0]!);
  if (pad?.op !== 'pad' || pad.attributes.value !== 0) return undefined;
  const before = pad.attributes.before as readonly number[];
  const after = pad.attributes.after as readonly number[];
  if (before[1] !== 0 || after[1] !== 0) return undefined;
  // Of a rank 3 value the height is implied and has no padding.
  const [top, left] = before.length === 3 ? [0, before[2]!] : [before[2]!, before[3]!];
  const [bottom, right] = before.length === 3 ? [0, after[2]!] : [after[2]!, after[3]!];
  const own = node.attributes.pads as readonly number[];
  const pads = [top!, left!, bottom!, right!].map((size, side) => size + own[side]!);
  const folded = {
    ...node,
    inputs: [pad.inputs[0]!, ...node.inputs.slice(1)],
    attributes: { ...node.attributes, pads },
  };
  return {
    replace: new Map([
      [pad, []],
      [node, [folded]],
    ]),
  };
};
