/** The training stage of a package: tuned weights and plan, with checkpoints on disk where the user wants them. */
import type { NumericProfile } from '../../arithmetic/profile.ts';
import type { Dataset } from '../../data/dataset.ts';
import { type FinetuneResult, finetune } from '../../finetune/finetune.ts';
import { checkFinetuneOptions, type FinetuneOptions } from '../../finetune/finetune-options.ts';
import { checkSampleCount } from '../../finetune/samples.ts';
import { checkGradients } from '../../finetune/training-graph.ts';
import type { Graph } from '../../graph/graph.ts';
import type { QuantizationPlan } from '../../graph/quantization-plan.ts';
import { logitsOf } from '../../lower/epilogue.ts';
import type { SimulationPool } from '../../simulate/engine.ts';
import type { CliContext } from '../context.ts';
import { readUserFile } from './read-file.ts';
import { writeFiles } from './write-files.ts';

export interface Tuning {
  readonly options: Omit<FinetuneOptions, 'profile'>;
  /** File to write checkpoints to, and one to go on from. */
  readonly checkpoint: string | null;
  readonly resume: string | null;
}

/** What can be refused before the search: settings, operators without a gradient, too few samples. Throws as `finetune` does. */
export function checkTuning({ options }: Tuning, graph: Graph, dataset: Dataset, profile: NumericProfile): void {
  checkFinetuneOptions({ ...options, profile });
  checkGradients(graph, logitsOf(graph, graph.outputs[0]!));
  checkSampleCount(dataset, options);
}

export async function tune(
  context: CliContext,
  tuning: Tuning,
  graph: Graph,
  plan: QuantizationPlan,
  dataset: Dataset,
  profile: NumericProfile,
  pool: SimulationPool,
): Promise<FinetuneResult> {
  const { options, checkpoint, resume } = tuning;
  const progress = context.progress('fine-tune', 'steps');
  const resumed = resume === null ? {} : { resume: await readUserFile(resume, 'Check --resume.') };
  const training = finetune(
    graph,
    plan,
    dataset,
    { ...options, profile },
    {
      ...resumed,
      pool,
      signal: context.signal,
      onProgress: ({ step, steps, loss, best }) =>
        progress.update(step, steps, `loss ${loss.toPrecision(4)}, best program ${best.loss.toPrecision(4)}`),
      onCheckpoint: (bytes) => {
        if (checkpoint === null) return;
        writeFiles(new Map([[checkpoint, bytes]]));
        if (context.signal.aborted) context.warn(`the training so far is in ${checkpoint}; go on with --resume`);
      },
    },
  );
  // An interrupted process waits for the step that runs and for its checkpoint.
  const forget = context.onInterrupt(async () => {
    await training.catch(() => {});
  });
  const result = await training.finally(forget);
  progress.finish(`best program loss ${result.history.best.loss.toPrecision(4)}`);
  if (result.history.stopped === 'diverged') {
    context.warn('warning: training diverged; the best state before it was kept. Try a lower --learning-rate.');
  }
  return result;
}
