/** Parameter updates in place: SGD with momentum for weights, Adam for the few learned steps. */

export interface SgdOptions {
  readonly momentum: number;
  readonly nesterov: boolean;
  readonly weightDecay: number;
}

/**
 * SGD with momentum on w / unit, so that one learning rate fits layers and channels of any size (a folded batch norm or an input in
 * 0..255 leaves them orders of magnitude apart): g = factor * (unit * gradient + weightDecay * w / unit), v = momentum v + g,
 * w -= rate * unit * (nesterov ? g + momentum v : v). `factor` is the blend's (1 - alpha): it scales gradient and decay alike, so
 * that decay does not shrink weights whose gradient is gone. Adam would divide the factor out again; alpha-blending needs SGD.
 */
export function sgdStep(
  weights: Float32Array,
  velocity: Float32Array,
  gradient: Float32Array,
  units: Float32Array,
  rate: number,
  factor: number,
  { momentum, nesterov, weightDecay }: SgdOptions,
): void {
  const size = weights.length / units.length;
  units.forEach((unit, slice) => {
    for (let index = slice * size; index < (slice + 1) * size; index++) {
      const slope = factor * (unit * gradient[index]! + (weightDecay * weights[index]!) / unit);
      const moved = momentum * velocity[index]! + slope;
      velocity[index] = moved;
      weights[index]! -= rate * unit * (nesterov ? slope + momentum * moved : moved);
    }
  });
}

/** First and second moments of Adam, and the number of updates so far. */
export interface AdamState {
  readonly first: Float64Array<ArrayBuffer>;
  readonly second: Float64Array<ArrayBuffer>;
}

export function createAdamState(length: number): AdamState {
  return { first: new Float64Array(length), second: new Float64Array(length) };
}

/** The change of each value by Adam (beta 0.9 and 0.999); `update` counts from 1. */
export function adamDeltas(state: AdamState, gradient: ArrayLike<number>, rate: number, update: number): Float64Array {
  const deltas = new Float64Array(state.first.length);
  for (let index = 0; index < deltas.length; index++) {
    const slope = gradient[index]!;
    state.first[index] = 0.9 * state.first[index]! + 0.1 * slope;
    state.second[index] = 0.999 * state.second[index]! + 0.001 * slope * slope;
    const mean = state.first[index]! / (1 - 0.9 ** update);
    const deviation = Math.sqrt(state.second[index]! / (1 - 0.999 ** update));
    deltas[index] = (-rate * mean) / (deviation + 1e-12);
  }
  return deltas;
}

/** Factor that brings the norm of all gradients together, in units of their tensors, down to `most`; 1 where it is smaller. */
export function clipFactor(
  gradients: Iterable<{ readonly gradient: Float32Array; readonly units: Float32Array }>,
  most: number,
): number {
  let sum = 0;
  for (const { gradient, units } of gradients) {
    const size = gradient.length / units.length;
    for (let index = 0; index < gradient.length; index++)
      sum += (gradient[index]! * units[Math.floor(index / size)]!) ** 2;
  }
  const norm = Math.sqrt(sum);
  return norm > most ? most / norm : 1;
}
