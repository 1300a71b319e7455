/** Where a run stands, as .npz bytes: state, best state so far and history. A checkpoint of another model or other settings is refused. */
import { BitwrightError } from '../base/errors.ts';
import { readNpz, writeNpz } from '../base/npz.ts';
import { sha256Hex } from '../base/sha256.ts';
import type { Tensor } from '../base/tensor.ts';
import type { Graph } from '../graph/graph.ts';
import type { QuantizationPlan } from '../graph/quantization-plan.ts';
import type { Snapshot } from './trained-state.ts';

export interface Checkpoint {
  /** Steps done. */
  readonly step: number;
  readonly state: Snapshot;
  readonly best: Snapshot;
  /** Rows of numbers, as the run keeps them. */
  readonly losses: Float64Array<ArrayBuffer>;
  readonly judgements: Float64Array<ArrayBuffer>;
}

/** What a checkpoint belongs to. */
export interface RunIdentity {
  /** SHA-256 of graph and plan, in hex. */
  readonly model: string;
  /** SHA-256 of everything else that changes the result. */
  readonly settings: string;
}

export async function identifyRun(graph: Graph, plan: QuantizationPlan, settings: unknown): Promise<RunIdentity> {
  const parts: Uint8Array[] = [new TextEncoder().encode(JSON.stringify([graph.nodes, [...plan.activations]]))];
  const add = (data: ArrayBufferView): number =>
    parts.push(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  for (const tensor of graph.constants.values()) add(tensor.data);
  for (const { scales, codes, bias } of plan.weights.values())
    for (const data of [scales, codes, bias]) if (data !== null) add(data);
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  const text = new TextEncoder().encode(JSON.stringify(settings)) as Uint8Array<ArrayBuffer>;
  return { model: await sha256Hex(whole), settings: await sha256Hex(text) };
}

function tensorOf(data: Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer>): Tensor {
  return { dtype: data instanceof Float32Array ? 'float32' : 'float64', shape: [data.length], data };
}

function textTensor(text: string): Tensor {
  const data = new TextEncoder().encode(text) as Uint8Array<ArrayBuffer>;
  return { dtype: 'uint8', shape: [data.length], data };
}

export function writeCheckpoint(checkpoint: Checkpoint, identity: RunIdentity): Uint8Array<ArrayBuffer> {
  const arrays = new Map<string, Tensor>();
  arrays.set('model', textTensor(identity.model));
  arrays.set('settings', textTensor(identity.settings));
  arrays.set('step', { dtype: 'int32', shape: [], data: Int32Array.of(checkpoint.step) });
  arrays.set('losses', tensorOf(checkpoint.losses));
  arrays.set('judgements', tensorOf(checkpoint.judgements));
  for (const [name, data] of checkpoint.state) arrays.set(`state-${name}`, tensorOf(data));
  for (const [name, data] of checkpoint.best) arrays.set(`best-${name}`, tensorOf(data));
  return writeNpz(arrays, { compress: false });
}

function refuse(message: string, next: string): never {
  throw new BitwrightError('ARTIFACT_INVALID', { message, where: 'the checkpoint to resume from', next });
}

/** `shape` says which arrays, of which types and lengths, the run has. Throws ARTIFACT_INVALID or FILE_INVALID. */
export function readCheckpoint(bytes: Uint8Array, identity: RunIdentity, shape: Snapshot): Checkpoint {
  const arrays = readNpz(bytes, 'the checkpoint to resume from');
  const text = (name: string): string =>
    new TextDecoder().decode((arrays.get(name)?.data ?? new Uint8Array()) as Uint8Array);
  if (text('model') !== identity.model) {
    refuse(
      'it belongs to another model or plan',
      'Resume with the model and quantization that it was made with, or start anew.',
    );
  }
  if (text('settings') !== identity.settings) {
    refuse('it belongs to a run with other settings or data', 'Resume with the same options, or start anew.');
  }
  const numbers = (name: string): Float64Array<ArrayBuffer> => {
    const data = arrays.get(name)?.data;
    return data instanceof Float64Array ? data : refuse(`it lacks the array ${name}`, 'Start anew.');
  };
  const snapshot = (prefix: string): Snapshot =>
    new Map(
      [...shape].map(([name, like]) => {
        const data = arrays.get(`${prefix}-${name}`)?.data;
        const fits = data !== undefined && data.constructor === like.constructor && data.length === like.length;
        return [name, fits ? (data as typeof like) : refuse(`its array ${prefix}-${name} does not fit`, 'Start anew.')];
      }),
    );
  const step = arrays.get('step')?.data[0];
  if (typeof step !== 'number' || step < 0) refuse('it does not say how far it came', 'Start anew.');
  return {
    step,
    state: snapshot('state'),
    best: snapshot('best'),
    losses: numbers('losses'),
    judgements: numbers('judgements'),
  };
}
