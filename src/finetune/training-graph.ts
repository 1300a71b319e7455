/**
 * Graph -> one ONNX model that computes loss and gradients: the forward pass with parameters as inputs, the loss, and the backward
 * pass by the rules of gradients/. Nothing here updates anything; the trainer does that between runs.
 */
import { BitwrightError, type Issue } from '../base/errors.ts';
import type { Shape } from '../base/tensor.ts';
import type { Graph } from '../graph/graph.ts';
import { emitBackward, emitGradientOutputs, emitLosses } from './backward-pass.ts';
import { createState, emitForward } from './forward-pass.ts';
import { gradientRuleOf, opsWithGradient } from './gradients/registry.ts';
import { nodesUpTo, type TrainingGraphOptions, withBatch } from './training-options.ts';

export interface TrainingGraph {
  /** The encoded ONNX model. */
  readonly model: Uint8Array<ArrayBuffer>;
  readonly batch: number;
  /** Trained constants in graph order; those that no gradient reaches are left out. */
  readonly parameters: readonly string[];
  readonly steps: readonly string[];
  /** [batch, ...]. */
  readonly logitsShape: Shape;
  /** Names of reported per-channel values. */
  readonly reports: readonly string[];
}

/** Throws MODEL_UNSUPPORTED naming every node without a gradient rule; called before any training starts. */
export function checkGradients(graph: Graph, logits: string): void {
  const issues: Issue[] = nodesUpTo(graph, logits)
    .filter((node) => gradientRuleOf(node.op) === undefined)
    .map((node) => ({
      message: 'the operator has no gradient, so training cannot pass through it',
      where: node.name,
      seen: node.op,
      allowed: opsWithGradient().join(' '),
      next: 'Quantize this model without fine-tuning.',
    }));
  if (issues.length > 0) throw new BitwrightError('MODEL_UNSUPPORTED', issues);
}

/** Builds the model. Throws MODEL_UNSUPPORTED where a node has no gradient. */
export function buildTrainingGraph(graph: Graph, options: TrainingGraphOptions): TrainingGraph {
  checkGradients(graph, options.logits);
  const nodes = nodesUpTo(graph, options.logits);
  const state = createState(graph, nodes, options);
  for (const node of nodes) emitForward(node, state);
  const reports = [...state.reports.keys()];
  emitLosses(state);
  for (const node of nodes.reverse()) emitBackward(node, state);
  const parameters = emitGradientOutputs(state);
  for (const [name, { value, channels }] of state.reports) state.builder.output(name, value, [channels]);
  return {
    model: state.builder.finish(),
    batch: options.batch,
    parameters,
    steps: [...state.stepGradients.keys()],
    logitsShape: withBatch(graph, options.logits, options.batch),
    reports,
  };
}
