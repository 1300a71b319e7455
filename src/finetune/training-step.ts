/** One step of fine-tuning: blend, run, update. The factor (1 - alpha) is the whole difference to ordinary training. */
import { seededRandom } from '../base/random.ts';
import { type FloatTensor, floatTensor, type Tensor } from '../base/tensor.ts';
import type { FinetuneOptions } from './finetune-options.ts';
import { adamDeltas, clipFactor, sgdStep } from './optimizer.ts';
import type { Run } from './prepare-run.ts';
import { derivedSeed, gatherBatch } from './samples.ts';
import { gradientShare, learningRateAt } from './schedules.ts';
import { labelTargets } from './targets.ts';
import type { TrainedTensor } from './trained-state.ts';
import type { BatchResult } from './trainer.ts';
import type { LossName } from './training-options.ts';
import { blendWeights, logScaleGradients, quantizeWeights } from './weight-grid.ts';

/** Changes the run's state; returns the loss before the update. */
export async function trainingStep(
  run: Run,
  options: FinetuneOptions,
  step: number,
  alpha: number,
  learningRate: number,
): Promise<number> {
  for (const tensor of run.state.tensors) blend(tensor, alpha);
  const chosen = run.batchOf(step);
  const random = seededRandom(derivedSeed(options.seed, 2, step));
  const inputs = gatherBatch(run.samples, chosen, options.augmentation, random);
  const result = await run.trainer.run({
    inputs: new Map(run.graph.inputs.map((name, index) => [name, inputs[index]!])),
    parameters: new Map(run.state.tensors.map((tensor) => [tensor.name, tensor.forward])),
    steps: new Map(run.state.steps.map(({ name, step: value }) => [name, value[0]!])),
    targets: await targetsOf(run, options, chosen, inputs),
  });
  if (options.learnSteps) learnSteps(run, options, result, step, alpha);
  const moving = run.state.tensors.flatMap((tensor) => {
    const gradient = result.gradients.get(tensor.name);
    return gradient === undefined ? [] : [{ tensor, gradient, units: tensor.units }];
  });
  const clip = clipFactor(moving, options.clipNorm);
  for (const { tensor, gradient, units } of moving) {
    const whole = tensor.grid === null || options.method === 'straight-through';
    const factor = whole ? 1 : gradientShare(alpha, options.compensation);
    sgdStep(tensor.master, tensor.velocity, gradient, units, learningRate, clip * factor, options);
  }
  return result.loss;
}

function blend({ grid, master, codes, forward }: TrainedTensor, alpha: number): void {
  if (grid === null) return;
  quantizeWeights(grid, master, codes);
  blendWeights(grid, master, codes, alpha, forward);
}

async function targetsOf(
  run: Run,
  options: FinetuneOptions,
  chosen: Int32Array,
  inputs: readonly Tensor[],
): Promise<Map<LossName, FloatTensor>> {
  const targets = new Map<LossName, FloatTensor>();
  if (options.labelWeight > 0) {
    targets.set('cross-entropy', labelTargets(run.labels!, chosen, run.classes, options.labelSmoothing));
  }
  if (options.distillationWeight > 0) {
    const logits = await run.teach(inputs);
    const target = floatTensor([logits.length / run.classes, run.classes], logits);
    targets.set(run.classifier ? 'kl-divergence' : 'mean-squared-error', target);
  }
  return targets;
}

/**
 * Steps move by Adam on their logarithms: a step stays positive and its rate does not depend on its size. Comes before the weights
 * move, because the gradient belongs to the weights of the forward pass.
 */
function learnSteps(run: Run, options: FinetuneOptions, result: BatchResult, step: number, alpha: number): void {
  const rate = learningRateAt(step, options.steps, {
    schedule: 'cosine',
    peak: options.stepLearningRate,
    warmup: options.warmup,
  });
  for (const { name, step: value, moments } of run.state.steps) {
    const slope = result.stepGradients.get(name) ?? 0;
    const [delta] = adamDeltas(moments, [slope * value[0]!], rate, step + 1);
    value[0] = value[0]! * Math.exp(delta!);
  }
  for (const tensor of run.state.tensors) {
    const { grid, scaleMoments } = tensor;
    const gradient = result.gradients.get(tensor.name);
    if (grid === null || gradient === undefined || scaleMoments.first.length === 0) continue;
    const slopes = logScaleGradients(grid, tensor.master, tensor.codes, gradient, alpha);
    const deltas = adamDeltas(scaleMoments, slopes, rate, step + 1);
    deltas.forEach((delta, slice) => {
      grid.scales[slice] = grid.scales[slice]! * Math.exp(delta);
    });
  }
}
