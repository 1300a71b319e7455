/** How alpha (the share of the quantized weight) and the learning rate move over a run. Pure functions of the step. */

export const alphaSchedules = ['cubic', 'quadratic', 'linear', 'cosine'] as const;
export type AlphaSchedule = (typeof alphaSchedules)[number];

export interface AlphaOptions {
  readonly schedule: AlphaSchedule;
  /** Alpha before the ramp: 0 starts from the float weights; a plan that is good already starts near its codes. */
  readonly from: number;
  /** Share of all steps before alpha leaves `from`. */
  readonly start: number;
  /** Share of all steps at which alpha reaches 1. */
  readonly end: number;
  /** Alpha changes every so many steps. */
  readonly every: number;
}

/** Rise from 0 at progress 0 to 1 at progress 1. `cubic` is 1 - (1 - t)^3, the published ramp (arXiv 1903.01061). */
const rises: Readonly<Record<AlphaSchedule, (progress: number) => number>> = {
  cubic: (progress) => 1 - (1 - progress) ** 3,
  quadratic: (progress) => 1 - (1 - progress) ** 2,
  linear: (progress) => progress,
  cosine: (progress) => (1 - Math.cos(Math.PI * progress)) / 2,
};

/** Alpha in [0, 1] at a step of a run of `total` steps: `from` before the ramp, 1 after it. */
export function alphaAt(step: number, total: number, { schedule, from, start, end, every }: AlphaOptions): number {
  const updated = Math.floor(step / every) * every;
  const [first, last] = [start * total, end * total];
  if (updated < first) return from;
  if (updated >= last) return 1;
  return from + (1 - from) * rises[schedule]((updated - first) / (last - first));
}

/**
 * Share of a gradient that reaches a weight: the blend's (1 - alpha), times a learning rate that grows to make up for it by up to
 * `compensation`. A finite one still lets go of the weights as alpha reaches 1, where nothing flows through the float term.
 */
export function gradientShare(alpha: number, compensation: number): number {
  return Math.min(1, compensation * (1 - alpha));
}

export const learningRateSchedules = ['cosine', 'linear', 'constant'] as const;
export type LearningRateSchedule = (typeof learningRateSchedules)[number];

/** Share of the peak that is left at progress 0 to 1 after the warm-up. */
const falls: Readonly<Record<LearningRateSchedule, (progress: number) => number>> = {
  cosine: (progress) => (1 + Math.cos(Math.PI * progress)) / 2,
  linear: (progress) => 1 - progress,
  constant: () => 1,
};

export interface LearningRateOptions {
  readonly schedule: LearningRateSchedule;
  readonly peak: number;
  /** Share of the steps in which the rate rises linearly. */
  readonly warmup: number;
}

export function learningRateAt(step: number, total: number, { schedule, peak, warmup }: LearningRateOptions): number {
  const rising = Math.floor(warmup * total);
  if (step < rising) return (peak * (step + 1)) / rising;
  return peak * falls[schedule]((step - rising) / Math.max(1, total - rising));
}
