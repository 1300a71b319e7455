/** What happened in a run: the loss of every step and the judgements of the hard program, of which the lowest loss wins. */

export interface JudgedStep {
  /** Steps done when it was judged; 0 is the plan as given. */
  readonly step: number;
  readonly alpha: number;
  readonly loss: number;
  readonly accuracy: number | null;
}

/** `diverged`: the loss left its limits; the best state was kept. */
export type StopReason = 'finished' | 'early' | 'diverged';

export interface FinetuneHistory {
  readonly stopped: StopReason;
  /** Training loss by step. */
  readonly losses: readonly number[];
  readonly judgements: readonly JudgedStep[];
  readonly best: JudgedStep;
}

export interface History {
  trained(loss: number): void;
  /** Adds a judgement; true where it is the best so far. */
  judged(judgement: JudgedStep): boolean;
  last(): JudgedStep;
  best(): JudgedStep;
  judgementsSinceBest(): number;
  /** True once the loss is no number or, smoothed over about 20 steps, above the limit. */
  diverged(limit: number): boolean;
  finish(stopped: StopReason): FinetuneHistory;
  arrays(): { losses: Float64Array<ArrayBuffer>; judgements: Float64Array<ArrayBuffer> };
  restore(losses: Float64Array, judgements: Float64Array): void;
}

const columns = 4;
const smoothing = 0.95;

export function createHistory(): History {
  let losses: number[] = [];
  let judgements: JudgedStep[] = [];
  let best = -1;
  let smooth = Number.NaN;
  const history: History = {
    trained: (loss) => {
      losses.push(loss);
      smooth = Number.isNaN(smooth) ? loss : smoothing * smooth + (1 - smoothing) * loss;
    },
    judged: (judgement) => {
      judgements.push(judgement);
      const better = best < 0 || judgement.loss < judgements[best]!.loss;
      if (better) best = judgements.length - 1;
      return better;
    },
    last: () => judgements[judgements.length - 1]!,
    best: () => judgements[best]!,
    judgementsSinceBest: () => judgements.length - 1 - best,
    diverged: (limit) => !Number.isFinite(losses[losses.length - 1]!) || smooth > limit,
    finish: (stopped) => ({ stopped, losses, judgements, best: judgements[best]! }),
    arrays: () => ({
      losses: Float64Array.from(losses),
      judgements: Float64Array.from(
        judgements.flatMap(({ step, alpha, loss, accuracy }) => [step, alpha, loss, accuracy ?? Number.NaN]),
      ),
    }),
    restore: (savedLosses, savedJudgements) => {
      losses = [];
      judgements = [];
      best = -1;
      smooth = Number.NaN;
      for (const loss of savedLosses) history.trained(loss);
      for (let at = 0; at + columns <= savedJudgements.length; at += columns) {
        const [step, alpha, loss, accuracy] = savedJudgements.subarray(at, at + columns) as unknown as number[];
        history.judged({
          step: step!,
          alpha: alpha!,
          loss: loss!,
          accuracy: Number.isNaN(accuracy) ? null : accuracy!,
        });
      }
    },
  };
  return history;
}
