/**
 * Fine-tuning a quantized graph: training steps on blended weights, judged now and then by the hard integer program, which alone
 * decides what is kept. Same inputs, options and seed give the same result; nothing here prints or touches files.
 */
import { BitwrightError } from '../base/errors.ts';
import type { Dataset } from '../data/dataset.ts';
import type { Graph } from '../graph/graph.ts';
import type { QuantizationPlan } from '../graph/quantization-plan.ts';
import type { SimulationPool } from '../simulate/engine.ts';
import { createSimulationPool } from '../simulate/pool.ts';
import { identifyRun, readCheckpoint, writeCheckpoint } from './checkpoint.ts';
import { checkFinetuneOptions, type FinetuneOptions } from './finetune-options.ts';
import { createHistory, type FinetuneHistory, type History, type JudgedStep, type StopReason } from './history.ts';
import { prepareRun, type Run } from './prepare-run.ts';
import { alphaAt, learningRateAt } from './schedules.ts';
import { graphOfState, planOfState, restoreSnapshot, type Snapshot, takeSnapshot } from './trained-state.ts';
import { trainingStep } from './training-step.ts';

export interface FinetuneProgress {
  /** Steps done. */
  readonly step: number;
  readonly steps: number;
  readonly loss: number;
  readonly alpha: number;
  readonly learningRate: number;
  /** The last judgement of the hard program, and the best one. */
  readonly judged: JudgedStep;
  readonly best: JudgedStep;
}

export interface FinetuneHooks {
  readonly onProgress?: (progress: FinetuneProgress) => void;
  /** Receives .npz bytes at checkpoints, when interrupted and at the end. */
  readonly onCheckpoint?: (bytes: Uint8Array<ArrayBuffer>) => void | Promise<void>;
  /** Bytes of an earlier checkpoint to go on from. */
  readonly resume?: Uint8Array;
  readonly signal?: AbortSignal;
  /** Simulator to judge with; default: one of its own. It is not closed. */
  readonly pool?: SimulationPool;
}

export interface FinetuneResult {
  /** With the tuned float weights and biases. */
  readonly graph: Graph;
  /** The best plan by the integer program, the one that was given included. */
  readonly plan: QuantizationPlan;
  readonly history: FinetuneHistory;
}

/**
 * Tunes `graph` (batch norm folded) from `plan` on `dataset`. Throws USAGE (options), MODEL_UNSUPPORTED (an operator without a
 * gradient, named), DATASET_INVALID (too little data, bad labels), ARTIFACT_INVALID (a checkpoint of something else), INTERRUPTED.
 * A run that diverges stops and returns the best state it had, and its history says so.
 */
export async function finetune(
  graph: Graph,
  plan: QuantizationPlan,
  dataset: Dataset,
  options: FinetuneOptions,
  hooks: FinetuneHooks = {},
): Promise<FinetuneResult> {
  checkFinetuneOptions(options);
  const pool =
    hooks.pool ?? (await createSimulationPool(options.threads === undefined ? {} : { workers: options.threads }));
  let run: Run | undefined;
  try {
    run = await prepareRun(graph, plan, dataset, options, pool);
    return await tune(run, plan, options, hooks);
  } finally {
    await run?.close();
    if (hooks.pool === undefined) await pool.close();
  }
}

async function tune(
  run: Run,
  plan: QuantizationPlan,
  options: FinetuneOptions,
  hooks: FinetuneHooks,
): Promise<FinetuneResult> {
  // How it runs and how often it saves are not part of what is trained.
  const { profile, threads: _threads, checkpointEvery: _every, ...settings } = options;
  const identity = await identifyRun(run.graph, plan, [settings, profile.id, run.dataDigest]);
  const history = createHistory();
  let best: Snapshot = takeSnapshot(run.state);
  let step = 0;
  if (hooks.resume !== undefined) {
    const checkpoint = readCheckpoint(hooks.resume, identity, best);
    restoreSnapshot(run.state, checkpoint.state);
    history.restore(checkpoint.losses, checkpoint.judgements);
    ({ best, step } = checkpoint);
  } else {
    // Step 0 is the plan as given, so tuning never ends below it; binary weights are no part of that plan.
    const start = options.binaryNodes.length > 0 ? planOfState(run.state, plan) : plan;
    history.judged({ step: 0, alpha: 0, ...(await run.judge(start)) });
  }
  const save = async (): Promise<void> => {
    if (hooks.onCheckpoint === undefined) return;
    const state = takeSnapshot(run.state);
    await hooks.onCheckpoint(writeCheckpoint({ step, state, best, ...history.arrays() }, identity));
  };

  let stopped: StopReason = 'finished';
  while (step < options.steps) {
    if (hooks.signal?.aborted === true) {
      await save();
      throw interrupted(step, options.steps);
    }
    const alpha = options.method === 'straight-through' ? 1 : alphaAt(step, options.steps, options.alpha);
    const learningRate = learningRateAt(step, options.steps, {
      schedule: options.learningRateSchedule,
      peak: options.learningRate,
      warmup: options.warmup,
    });
    const loss = await trainingStep(run, options, step, alpha, learningRate);
    history.trained(loss);
    if (history.diverged(run.lossLimit)) {
      stopped = 'diverged';
      break;
    }
    step++;
    if (step % options.judgeEvery === 0 || step === options.steps) {
      if (await judgeNow(run, plan, history, step, alpha)) best = takeSnapshot(run.state);
      if (alpha === 1 && options.patience > 0 && history.judgementsSinceBest() >= options.patience) {
        stopped = 'early';
        break;
      }
    }
    if (options.checkpointEvery > 0 && step % options.checkpointEvery === 0) await save();
    hooks.onProgress?.({
      step,
      steps: options.steps,
      loss,
      alpha,
      learningRate,
      judged: history.last(),
      best: history.best(),
    });
  }
  if (stopped !== 'diverged') await save();
  const untouched = history.best().step === 0 && options.binaryNodes.length === 0;
  return finish(run, plan, best, history, stopped, untouched);
}

async function judgeNow(
  run: Run,
  plan: QuantizationPlan,
  history: History,
  step: number,
  alpha: number,
): Promise<boolean> {
  return history.judged({ step, alpha, ...(await run.judge(planOfState(run.state, plan))) });
}

function finish(
  run: Run,
  plan: QuantizationPlan,
  best: Snapshot,
  history: History,
  stopped: StopReason,
  untouched: boolean,
): FinetuneResult {
  restoreSnapshot(run.state, best);
  return {
    graph: untouched ? run.graph : graphOfState(run.state, run.graph),
    plan: untouched ? plan : planOfState(run.state, plan),
    history: history.finish(stopped),
  };
}

function interrupted(step: number, steps: number): BitwrightError {
  return new BitwrightError('INTERRUPTED', {
    message: 'fine-tuning was interrupted',
    seen: `${step} of ${steps} steps`,
    next: 'Resume from the checkpoint with the same options.',
  });
}
