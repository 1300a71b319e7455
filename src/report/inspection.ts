/** What `bitwright inspect` finds: the values that its text, its JSON document and its picture are made of. */
import type { Issue } from '../base/errors.ts';

/**
 * `supported`: in the program as an operator of its own. `rewritten`: computed at import, folded into another node or dropped. `host`:
 * left to the host. `rejected`: not possible, for `reasons`. `blocked`: not looked at, because it reads what a rejected node would make.
 */
export type NodeState = 'supported' | 'rewritten' | 'host' | 'rejected' | 'blocked';

export const nodeStates: readonly NodeState[] = ['supported', 'rewritten', 'host', 'rejected', 'blocked'];

export interface InspectedNode {
  readonly name: string;
  /** As the file calls it. */
  readonly operator: string;
  /** What it is after all rewrites; several where one node of the file becomes several, none where it is gone. */
  readonly ops: readonly string[];
  readonly state: NodeState;
  /** Names of values in the file. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Shape of the first output with batch 1; null where it is a constant or not known. */
  readonly shape: readonly number[] | null;
  readonly macs: number;
  readonly parameters: number;
  /** Of the first output of one sample, at the target's widest activations (8 bits without a target); 0 where it is not in the program. */
  readonly activationBytes: number;
  /** Signed bits that the accumulator needs and has; null where there is none, or no target. */
  readonly accumulator: { readonly neededBits: number; readonly availableBits: number } | null;
  /** What became of it, in words; '' where there is nothing to say. */
  readonly note: string;
  /** Why it is rejected, each with a way out. */
  readonly reasons: readonly Issue[];
}

export interface InspectedPort {
  readonly name: string;
  readonly shape: readonly number[] | null;
}

/** What a program of one weight width needs of the target. */
export interface InspectedMemory {
  readonly weightBits: number;
  readonly programBytes: number;
  readonly weightBytes: number;
  readonly arenaBytes: number;
  /** The moment at which most bytes of the arena are alive, and how many; the rest of the arena is gaps and scratch. */
  readonly peak: { readonly operation: string; readonly liveBytes: number };
  readonly flashHolds: boolean;
  readonly ramHolds: boolean;
}

export interface Inspection {
  readonly schemaVersion: 1;
  readonly model: { readonly name: string; readonly sha256: string };
  readonly inputs: readonly InspectedPort[];
  readonly outputs: readonly InspectedPort[];
  /** Rewrites that changed something, in order. */
  readonly rewrites: readonly string[];
  readonly nodes: readonly InspectedNode[];
  /** Whatever else is wrong with the model: its inputs, outputs and constants. */
  readonly problems: readonly Issue[];
  readonly macs: number;
  readonly parameters: number;
  readonly target: {
    readonly id: string;
    readonly flashBytes: number | null;
    readonly ramBytes: number | null;
  } | null;
  /** One per weight width of the target, widest first; empty without a target or where something is rejected. */
  readonly memory: readonly InspectedMemory[];
}

/** Whether something stands in the way: a node, the model itself, or the memory of the target at every width. */
export function isRefused({ nodes, problems, memory }: Inspection): boolean {
  const fits = memory.length === 0 || memory.some(({ flashHolds, ramHolds }) => flashHolds && ramHolds);
  return problems.length > 0 || !fits || nodes.some(({ state }) => state === 'rejected' || state === 'blocked');
}
