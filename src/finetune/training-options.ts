/** What a training graph is built from, and the names of its inputs and outputs, which the trainer feeds and reads. */
import type { Shape } from '../base/tensor.ts';
import type { Graph, Node } from '../graph/graph.ts';
import type { ActivationQuantization } from '../graph/quantization-plan.ts';

export type LossName = 'cross-entropy' | 'kl-divergence' | 'mean-squared-error';

export interface LossTerm {
  readonly loss: LossName;
  readonly weight: number;
  /** Softmax temperature of kl-divergence; 1 elsewhere. */
  readonly temperature: number;
}

export interface TrainingGraphOptions {
  readonly batch: number;
  /** The value that the losses read: the logits. */
  readonly logits: string;
  /** Names of the constants that become inputs and get gradients. */
  readonly parameters: ReadonlySet<string>;
  readonly losses: readonly LossTerm[];
  /** Fake quantization by value name; empty for float training. */
  readonly activations: ReadonlyMap<string, ActivationQuantization>;
  /** Name of the learned step by value name; values that share a scale share the name. Empty: steps are constants. */
  readonly learnedSteps: ReadonlyMap<string, string>;
}

/** Names of the model's inputs and outputs. */
export const trainingNames = {
  input: (value: string) => `input/${value}`,
  parameter: (constant: string) => `parameter/${constant}`,
  target: (loss: LossName) => `target/${loss}`,
  step: (step: string) => `step/${step}`,
  gradient: (constant: string) => `gradient/${constant}`,
  stepGradient: (step: string) => `step-gradient/${step}`,
  report: (node: string, key: string) => `report/${node}/${key}`,
  loss: 'loss',
  logits: 'logits',
} as const;

/** Shape of an activation with the training batch, or of a constant as it is. */
export function withBatch(graph: Graph, name: string, batch: number): Shape {
  const value = graph.values.get(name);
  if (value === undefined) return graph.constants.get(name)!.shape;
  return [batch, ...value.shape.slice(1)];
}

/** Nodes that the logits depend on, in order. */
export function nodesUpTo(graph: Graph, value: string): Node[] {
  const needed = new Set([value]);
  const nodes: Node[] = [];
  for (const node of [...graph.nodes].reverse()) {
    if (!node.outputs.some((output) => needed.has(output))) continue;
    for (const input of node.inputs) needed.add(input);
    nodes.unshift(node);
  }
  return nodes;
}
