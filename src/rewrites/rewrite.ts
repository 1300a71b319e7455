/** The rewrites that turn an imported graph into one that can be quantized, in their order. A new rewrite is a file of this folder and a line here. */
import type { Graph } from '../graph/graph.ts';
import { validateGraph } from '../graph/validate-graph.ts';
import { averageWholeImages } from './average-whole-images.ts';
import { checkShapes } from './check-shapes.ts';
import { dropDeadNodes } from './drop-dead-nodes.ts';
import { dropNoOps } from './drop-no-ops.ts';
import type { Rewrite } from './edit-graph.ts';
import { foldBatchNormalization } from './fold-batch-normalization.ts';
import { foldChannelAffine } from './fold-channel-affine.ts';
import { foldConstants } from './fold-constants.ts';
import { foldInputScale } from './fold-input-scale.ts';
import { foldPad } from './fold-pad.ts';
import { fuseActivations } from './fuse-activations.ts';
import { fuseClamp } from './fuse-clamp.ts';

/** Name and rewrite, in order: constants first, then what exposes folds, then activations, which close a node for folding. */
export const rewrites: readonly (readonly [string, Rewrite])[] = [
  ['fold constants', foldConstants],
  ['drop no-ops', dropNoOps],
  ['fuse activations', fuseActivations],
  ['average whole images', averageWholeImages],
  ['fold batch normalization', foldBatchNormalization],
  ['fold channel affine', foldChannelAffine],
  ['fold input scale', foldInputScale],
  ['fold pad', foldPad],
  ['fuse clamp', fuseClamp],
  ['drop no-ops again', dropNoOps],
  ['drop dead nodes', dropDeadNodes],
];

export interface RewriteOptions {
  /** Called after each rewrite that changed the graph. */
  readonly onStep?: (name: string, graph: Graph) => void;
}

/** Runs all rewrites. The result computes what the graph computes, up to the rounding of folded constants. */
export function rewrite(graph: Graph, options: RewriteOptions = {}): Graph {
  return rewrites.reduce((current, [name, step]) => {
    const next = step(current);
    if (next === current) return current;
    validateGraph(next);
    checkShapes(next);
    options.onStep?.(name, next);
    return next;
  }, graph);
}
