/**
 * What an operator is to training: how it runs forward in a training graph and how gradients flow back through it. One file per
 * operator in gradients/; docs/finetuning.md explains how to add one. Shapes here carry the training batch in axis 0.
 */
import type { Shape } from '../base/tensor.ts';
import type { Node } from '../graph/graph.ts';
import type { NodeEmitter } from './node-emitter.ts';

/** What the builder of a training graph offers a rule. Strings are names of ONNX values. */
export interface GradientContext {
  readonly builder: NodeEmitter;
  readonly batch: number;
  /** The node's input as the operator reads it: an activation (fake-quantized where planned), a parameter or a constant. */
  input(node: Node, index: number): string;
  /** Whether the node has this (optional) input. */
  hasInput(node: Node, index: number): boolean;
  /** Shape of an input or output with the batch in place. */
  inputShape(node: Node, index: number): Shape;
  outputShape(node: Node, index?: number): Shape;
  /** Output of the forward pass before the fused clamp and fake quantization, as `forward` returned it. */
  rawOutput(node: Node, index?: number): string;
  /** Whether a gradient of this input is wanted; a rule may leave out what is not. */
  wants(node: Node, index: number): boolean;
  /** Keeps a value of the forward pass for the backward pass of the same node. */
  keep(node: Node, key: string, value: string): void;
  kept(node: Node, key: string): string;
  /** Reports a per-channel value of the batch under the node's name (batch norm statistics). */
  report(node: Node, key: string, value: string, channels: number): void;
}

export interface GradientRule {
  /** IR op name, equal to the file's name. */
  readonly op: string;
  /** True where each output element is one of the input elements, so that values on a grid stay on it. */
  readonly keepsGrid?: boolean;
  /** Emits the forward computation without the fused clamp; one name per output. */
  forward(node: Node, context: GradientContext): string[];
  /**
   * Emits the gradients of the inputs from those of the outputs (undefined where nothing flows back). One entry per input;
   * undefined for inputs that are not wanted or have no gradient.
   */
  backward(node: Node, gradients: readonly (string | undefined)[], context: GradientContext): (string | undefined)[];
}
