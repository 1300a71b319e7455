/** The backward half of a training graph: losses, then each node's rule in reverse, then the gradients as outputs. */
import { elementCount } from '../base/tensor.ts';
import type { Node } from '../graph/graph.ts';
import { reshape } from './emit-shapes.ts';
import type { State } from './forward-pass.ts';
import { gradientRuleOf } from './gradients/registry.ts';
import { crossEntropyLoss } from './losses/cross-entropy.ts';
import { klDivergenceLoss } from './losses/kl-divergence.ts';
import type { Loss } from './losses/loss.ts';
import { meanSquaredErrorLoss } from './losses/mean-squared-error.ts';
import type { NodeEmitter } from './node-emitter.ts';
import { trainingNames, withBatch } from './training-options.ts';

const losses: readonly Loss[] = [crossEntropyLoss, klDivergenceLoss, meanSquaredErrorLoss];

/** The weighted losses at the logits, and the gradient that the backward pass starts from. */
export function emitLosses(state: State): void {
  const { builder, options } = state;
  const shape = withBatch(state.graph, options.logits, options.batch);
  const classes = shape[shape.length - 1]!;
  const rows = elementCount(shape) / classes;
  const logits = reshape(builder, state.values.get(options.logits)!, [rows, classes]);
  const parts = options.losses.map(({ loss, weight, temperature }) => {
    const target = builder.input(trainingNames.target(loss), 'float32', [rows, classes]);
    const definition = losses.find((candidate) => candidate.name === loss)!;
    const emitted = definition.emit({ builder, logits, target, rows, classes, temperature });
    return [emitted.value, emitted.gradient].map((part) => builder.node('Mul', [part, builder.scalar(weight)]));
  });
  const [value, gradient] = [0, 1].map((at) =>
    sum(
      builder,
      parts.map((part) => part[at]!),
    ),
  );
  builder.output(trainingNames.loss, value!, []);
  builder.output(trainingNames.logits, logits, [rows, classes]);
  state.gradients.set(options.logits, [reshape(builder, gradient!, shape)]);
}

function sum(builder: NodeEmitter, parts: readonly string[]): string {
  return parts.length === 1 ? parts[0]! : builder.node('Sum', parts);
}

/** The gradient of a value before clamp and grid, or undefined where none arrived. */
function gradientOfRaw(name: string, state: State): string | undefined {
  const parts = state.gradients.get(name);
  if (parts === undefined) return undefined;
  const gradient = sum(state.builder, parts);
  const activation = state.activations.get(name)!;
  const step = state.options.learnedSteps.get(name);
  if (step !== undefined && activation.stepGradient !== undefined) {
    state.stepGradients.get(step)!.push(activation.stepGradient(gradient));
  }
  return activation.backward(gradient);
}

/** The gradients of one node's inputs; nodes come in reverse order. */
export function emitBackward(node: Node, state: State): void {
  if (!node.outputs.some((output) => state.needsGradient.has(output))) return;
  const gradients = node.outputs.map((output) => gradientOfRaw(output, state));
  if (gradients.every((gradient) => gradient === undefined)) return;
  const emitted = gradientRuleOf(node.op)!.backward(node, gradients, state.context);
  node.inputs.forEach((input, index) => {
    const gradient = emitted[index];
    if (gradient === undefined || !state.needsGradient.has(input)) return;
    state.gradients.set(input, [...(state.gradients.get(input) ?? []), gradient]);
  });
}

/** Outputs of all gradients; returns the parameters that one reached. */
export function emitGradientOutputs(state: State): string[] {
  const { builder, graph, options } = state;
  for (const input of graph.inputs) if (options.learnedSteps.has(input)) gradientOfRaw(input, state);
  const reached = [...options.parameters].filter((name) => state.gradients.has(name));
  for (const name of reached)
    builder.output(
      trainingNames.gradient(name),
      sum(builder, state.gradients.get(name)!),
      graph.constants.get(name)!.shape,
    );
  for (const [step, parts] of state.stepGradients) {
    const total = parts.length > 0 ? sum(builder, parts) : builder.scalar(0);
    builder.output(trainingNames.stepGradient(step), total, []);
  }
  return reached;
}
