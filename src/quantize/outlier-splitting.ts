/**
 * The weights of OCS: input channels with the largest weights are split in two whose codes sum up to the old ones. With a quarter of a
 * step taken from one half and given to the other, round(w1) + round(w2) = round(w) (Hermite's identity); plain halves would not do that.
 */

/** Weights [outputs][channels][taps] under splitting, and the original channel behind each channel. */
export interface SplitWeights {
  readonly weights: Float32Array<ArrayBuffer>;
  readonly sources: readonly number[];
}

/** Splits the channel with the largest weight `count` times. `stepOf(output, weights)` is the step of a channel's or the tensor's grid. */
export function splitOutliers(
  original: Float32Array<ArrayBuffer>,
  outputs: number,
  channels: number,
  count: number,
  stepsOf: (weights: Float32Array<ArrayBuffer>) => ArrayLike<number>,
): SplitWeights {
  const plan = chooseSplits(original, outputs, channels, count);
  const halved = applySplits(original, outputs, channels, plan, () => 0);
  const steps = stepsOf(halved.weights);
  return applySplits(original, outputs, channels, plan, (output) => steps[steps.length === 1 ? 0 : output]);
}

/** Which position is split, time after time; a split channel may be split again. */
function chooseSplits(weights: Float32Array, outputs: number, channels: number, count: number): number[] {
  const largest = new Array<number>(channels).fill(0);
  const taps = weights.length / outputs / channels;
  weights.forEach((weight, index) => {
    const channel = Math.floor(index / taps) % channels;
    largest[channel] = Math.max(largest[channel], Math.abs(weight));
  });
  return Array.from({ length: count }, () => {
    const at = largest.indexOf(Math.max(...largest));
    largest[at] /= 2;
    largest.push(largest[at]);
    return at;
  });
}

function applySplits(
  original: Float32Array,
  outputs: number,
  channels: number,
  splits: readonly number[],
  stepOf: (output: number) => number,
): SplitWeights {
  const taps = original.length / outputs / channels;
  const width = channels + splits.length;
  const weights = new Float32Array(outputs * width * taps);
  const sources = Array.from({ length: channels }, (_, channel) => channel);
  for (const at of splits) sources.push(sources[at]);
  for (let output = 0; output < outputs; output++) {
    const row = weights.subarray(output * width * taps, (output + 1) * width * taps);
    row.set(original.subarray(output * channels * taps, (output + 1) * channels * taps));
    splits.forEach((at, index) => {
      const added = channels + index;
      for (let tap = 0; tap < taps; tap++) {
        const half = row[at * taps + tap] / 2;
        const lower = Math.fround(half - stepOf(output) / 4);
        row[added * taps + tap] = row[at * taps + tap] - lower;
        row[at * taps + tap] = lower;
      }
    });
  }
  return { weights, sources };
}
