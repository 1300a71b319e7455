/**
 * A step-size initialiser: from a tensor's distribution and the integer grid to a step. One file per method in ./methods, each
 * exporting `method`; the registry beside them is generated from the folder.
 */
import type { Graph } from '../graph/graph.ts';
import type { BitOverride } from './bit-assignment.ts';
import type { CodeGrid, Step } from './code-grid.ts';
import type { Distribution } from './distribution.ts';
import type { WeightedNode } from './weighted-nodes.ts';

/** A layer whose weights have fewer than 8 bits, as a method that changes the graph sees it. */
export interface LayerToPrepare {
  readonly weighted: WeightedNode;
  readonly grid: CodeGrid;
  readonly perChannel: boolean;
  readonly weightBits: number;
  /** Bits of the layer's output. */
  readonly outputBits: number;
}

export interface StepMethod {
  /** File name and the value of --method, e.g. `max-abs`. */
  readonly name: string;
  /** One line for --help and docs. */
  readonly title: string;
  /** The number after a colon (`lp-norm:2.4`), where the method takes one. */
  readonly parameter?: { readonly name: string; readonly default: number; readonly min: number; readonly max: number };
  /** Method for weights where this one is not meant for them (KLD, ACIQ's activation forms); absent: itself. */
  readonly weightMethod?: string;
  /**
   * The step for `distribution` on `grid`. The caller has handled empty and all-zero tensors: some value is not 0.
   * A fixed `grid.zeroPoint` comes back as it is.
   */
  choose(distribution: Distribution, grid: CodeGrid, parameter: number): Step;
  /**
   * Where the method quantizes another graph than the one it is given: that graph, which computes the same floats, and the bits of what
   * was added. It runs before calibration (search/prepare-model.ts).
   */
  readonly prepare?: (
    graph: Graph,
    layers: readonly LayerToPrepare[],
    parameter: number,
  ) => { readonly graph: Graph; readonly overrides: readonly BitOverride[] };
}
