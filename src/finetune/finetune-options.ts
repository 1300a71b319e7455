/** The settings of fine-tuning with their defaults, and the check that refuses what makes no sense before anything starts. */
import type { NumericProfile } from '../arithmetic/profile.ts';
import { BitwrightError, type Issue } from '../base/errors.ts';
import type { Augmentation } from './augment.ts';
import { type AlphaOptions, alphaSchedules, type LearningRateSchedule, learningRateSchedules } from './schedules.ts';

/**
 * `alpha-blending`: weights (1 - alpha) w + alpha Q(w), gradients through the float term only. `straight-through`: weights Q(w) from
 * the first step, the gradient passed on as if rounding were not there; the baseline that alpha-blending is compared with.
 */
export type FinetuneMethod = 'alpha-blending' | 'straight-through';

export interface FinetuneOptions {
  /** Arithmetic under which candidates are judged. */
  readonly profile: NumericProfile;
  readonly method: FinetuneMethod;
  readonly steps: number;
  readonly batch: number;
  /** Peak of the learning rate, in units of each channel's norm. */
  readonly learningRate: number;
  readonly learningRateSchedule: LearningRateSchedule;
  /** Share of the steps in which the learning rate rises linearly. */
  readonly warmup: number;
  readonly momentum: number;
  readonly nesterov: boolean;
  readonly weightDecay: number;
  /** Largest norm of all gradients together. */
  readonly clipNorm: number;
  readonly alpha: AlphaOptions;
  /** Largest factor by which weights' learning rate grows to make up for (1 - alpha); 1 leaves it as published. */
  readonly compensation: number;
  /** Weight of the cross-entropy with the labels; 0 needs no labels. */
  readonly labelWeight: number;
  /** Weight of the divergence from the float model. */
  readonly distillationWeight: number;
  readonly temperature: number;
  readonly labelSmoothing: number;
  /** Learn the steps of activations and weights too (LSQ). */
  readonly learnSteps: boolean;
  /** Peak learning rate of the logarithms of the steps (Adam). */
  readonly stepLearningRate: number;
  /** Nodes whose weights become -scale and +scale. */
  readonly binaryNodes: readonly string[];
  /** Start at the plan's codes where they differ from the nearest ones. */
  readonly startFromCodes: boolean;
  readonly augmentation: Augmentation | null;
  readonly seed: number;
  /** Share of the samples that judge and never train. */
  readonly heldOutShare: number;
  /** Steps between judgements by the integer program. */
  readonly judgeEvery: number;
  /** Stop after so many judgements without a better one once alpha is 1; 0 never stops. */
  readonly patience: number;
  /** Steps between checkpoints; 0 makes none but the last. */
  readonly checkpointEvery: number;
  readonly threads?: number;
}

export const finetuneDefaults: Omit<FinetuneOptions, 'profile'> = {
  method: 'alpha-blending',
  steps: 1000,
  batch: 32,
  learningRate: 0.003,
  learningRateSchedule: 'cosine',
  warmup: 0.05,
  momentum: 0.9,
  nesterov: true,
  weightDecay: 0,
  clipNorm: 1,
  alpha: { schedule: 'linear', from: 0.9, start: 0, end: 1, every: 1 },
  compensation: 100,
  labelWeight: 0,
  distillationWeight: 1,
  temperature: 2,
  labelSmoothing: 0,
  learnSteps: false,
  stepLearningRate: 1e-3,
  binaryNodes: [],
  startFromCodes: true,
  augmentation: null,
  seed: 1,
  heldOutShare: 0.1,
  judgeEvery: 100,
  patience: 0,
  checkpointEvery: 0,
};

type NumberKey = {
  [K in keyof FinetuneOptions]-?: FinetuneOptions[K] extends number ? K : never;
}[keyof FinetuneOptions];

const ranges: Readonly<Partial<Record<NumberKey, readonly [low: number, high: number, whole: boolean]>>> = {
  steps: [1, 1e7, true],
  batch: [1, 4096, true],
  learningRate: [1e-9, 100, false],
  warmup: [0, 0.9, false],
  momentum: [0, 0.9999, false],
  weightDecay: [0, 1, false],
  clipNorm: [1e-6, 1e9, false],
  compensation: [1, 1e9, false],
  labelWeight: [0, 1e6, false],
  distillationWeight: [0, 1e6, false],
  temperature: [0.1, 100, false],
  labelSmoothing: [0, 0.9, false],
  stepLearningRate: [0, 1, false],
  seed: [-(2 ** 31), 2 ** 31 - 1, true],
  heldOutShare: [0.001, 0.9, false],
  judgeEvery: [1, 1e7, true],
  patience: [0, 1e6, true],
  checkpointEvery: [0, 1e7, true],
};

/** Throws USAGE with everything that is wrong. */
export function checkFinetuneOptions(options: FinetuneOptions): void {
  const issues: Issue[] = [];
  for (const [key, [low, high, whole]] of Object.entries(ranges) as [NumberKey, [number, number, boolean]][]) {
    const value = options[key];
    if (value >= low && value <= high && (!whole || Number.isInteger(value))) continue;
    issues.push({ message: `${key} is out of its range`, seen: value, allowed: `${low} to ${high}` });
  }
  const { schedule, from, start, end, every } = options.alpha;
  if (!alphaSchedules.includes(schedule)) {
    issues.push({ message: 'no such alpha schedule', seen: schedule, allowed: alphaSchedules.join(' ') });
  }
  if (!learningRateSchedules.includes(options.learningRateSchedule)) {
    issues.push({
      message: 'no such learning rate schedule',
      seen: options.learningRateSchedule,
      allowed: learningRateSchedules.join(' '),
    });
  }
  if (!(from >= 0 && from < 1)) {
    issues.push({ message: 'the alpha ramp must start below 1', seen: from, allowed: '0 to below 1' });
  }
  if (!(start >= 0 && start < end && end <= 1)) {
    issues.push({
      message: 'the alpha ramp must rise inside the run',
      seen: `${start} to ${end}`,
      allowed: '0 <= start < end <= 1',
    });
  }
  if (!(Number.isInteger(every) && every >= 1)) {
    issues.push({ message: 'alpha must change every whole number of steps', seen: every, allowed: '1 and more' });
  }
  if (options.labelWeight === 0 && options.distillationWeight === 0) {
    issues.push({ message: 'there is nothing to learn from', next: 'Give labels or distillation a weight.' });
  }
  const powers = options.profile.weight.scale === 'power-of-two' || options.profile.activation.scale === 'power-of-two';
  if (powers && (options.learnSteps || options.binaryNodes.length > 0)) {
    issues.push({
      message: 'learned steps and binary weights need free scales',
      where: `profile ${options.profile.id}`,
      seen: 'scales that are powers of two',
      next: 'Fine-tune with fixed steps.',
    });
  }
  if (issues.length > 0) throw new BitwrightError('USAGE', issues);
}
