/** A loss of a training graph: the mean over the batch as a scalar, and its gradient at the logits. One file per loss here. */
import type { NodeEmitter } from '../node-emitter.ts';

export interface EmittedLoss {
  readonly value: string;
  readonly gradient: string;
}

export interface LossSite {
  readonly builder: NodeEmitter;
  /** [rows, classes]. */
  readonly logits: string;
  readonly target: string;
  readonly rows: number;
  readonly classes: number;
  /** Softmax temperature, for losses that have one. */
  readonly temperature: number;
}

export interface Loss {
  readonly name: string;
  /** Values are `target` in the shape of the logits: probabilities, teacher logits or real values. */
  emit(site: LossSite): EmittedLoss;
}
