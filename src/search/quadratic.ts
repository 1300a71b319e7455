/**
 * LAPQ's second phase: the loss over the exponent p of the L_p start is nearly a parabola, so its vertex is the exponent to start
 * the joint search from. The published rule extrapolates blindly; here a parabola that opens downward, or whose vertex lies outside
 * the samples, gives the best sample instead.
 */

export interface Sample {
  readonly p: number;
  readonly loss: number;
}

export interface Parabola {
  /** loss = a * p^2 + b * p + c */
  readonly a: number;
  readonly b: number;
  readonly c: number;
}

/** Least-squares parabola through at least three samples with finite losses; null where there are fewer. */
export function fitParabola(samples: readonly Sample[]): Parabola | null {
  const finite = samples.filter(({ loss }) => Number.isFinite(loss));
  if (new Set(finite.map(({ p }) => p)).size < 3) return null;
  // Centred and orthogonal: fit loss = alpha + beta * u + gamma * (u^2 - k * u - m), u = p - mean.
  const mean = finite.reduce((sum, { p }) => sum + p, 0) / finite.length;
  const moment = (power: number): number => finite.reduce((sum, { p }) => sum + (p - mean) ** power, 0) / finite.length;
  const k = moment(3) / moment(2);
  const m = moment(2);
  const project = (basis: (u: number) => number): number => {
    let top = 0;
    let bottom = 0;
    for (const { p, loss } of finite) {
      const value = basis(p - mean);
      top += value * loss;
      bottom += value * value;
    }
    return top / bottom;
  };
  const alpha = project(() => 1);
  const beta = project((u) => u);
  const gamma = project((u) => u * u - k * u - m);
  const slope = beta - gamma * k;
  return {
    a: gamma,
    b: slope - 2 * gamma * mean,
    c: alpha - gamma * m - slope * mean + gamma * mean * mean,
  };
}

/** The exponent to evaluate next: the vertex where it can be trusted, else null (the best sample is the answer). */
export function robustVertex(samples: readonly Sample[]): number | null {
  const parabola = fitParabola(samples);
  if (parabola === null || !(parabola.a > 0)) return null;
  const vertex = -parabola.b / (2 * parabola.a);
  const ps = samples.map(({ p }) => p);
  return vertex >= Math.min(...ps) && vertex <= Math.max(...ps) ? vertex : null;
}

/** The published rule: the vertex wherever it lies, even of a parabola that opens downward. For comparison with published results. */
export function publishedVertex(samples: readonly Sample[]): number | null {
  const parabola = fitParabola(samples);
  return parabola === null || parabola.a === 0 ? null : -parabola.b / (2 * parabola.a);
}

/** Position of the least loss; the first of equals. */
export function indexOfBest(samples: readonly Sample[]): number {
  return samples.reduce((best, { loss }, index) => (loss < samples[best].loss ? index : best), 0);
}
