/**
 * One-dimensional minimisation without derivatives: bracketing by golden expansion and Brent's method. It takes the same points in
 * the same order as SciPy's `bracket` and `minimize_scalar(method='brent')`, which published LAPQ results rest on.
 */

export type ScalarFunction = (x: number) => Promise<number>;

export interface Bracket {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly fa: number;
  readonly fb: number;
  readonly fc: number;
  /** False where the three points do not enclose a minimum (a plateau, an endless descent). */
  readonly valid: boolean;
}

export interface ScalarMinimum {
  readonly x: number;
  readonly value: number;
  readonly evaluations: number;
}

const goldenGrowth = 1.618034;
const goldenCut = 0.381966;
const growLimit = 110;
const tiny = 1e-21;
const bracketRoundsMax = 1000;
const roundsMax = 500;
const toleranceMin = 1e-11;

/** Walks downhill from 0 and 1 until three points enclose a minimum. */
export async function bracketMinimum(f: ScalarFunction): Promise<Bracket> {
  let [a, b] = [0, 1];
  let fa = await f(a);
  let fb = await f(b);
  if (fa < fb) [a, b, fa, fb] = [b, a, fb, fa];
  let c = b + goldenGrowth * (b - a);
  let fc = await f(c);
  for (let round = 0; fc < fb && round <= bracketRoundsMax; round++) {
    const left = (b - a) * (fb - fc);
    const right = (b - c) * (fb - fa);
    const difference = right - left;
    const denominator = Math.abs(difference) < tiny ? 2 * tiny : 2 * difference;
    let w = b - ((b - c) * right - (b - a) * left) / denominator;
    const limit = b + growLimit * (c - b);
    let fw: number;
    if ((w - c) * (b - w) > 0) {
      fw = await f(w);
      if (fw < fc) return checked({ a: b, b: w, c, fa: fb, fb: fw, fc });
      if (fw > fb) return checked({ a, b, c: w, fa, fb, fc: fw });
      w = c + goldenGrowth * (c - b);
      fw = await f(w);
    } else if ((w - limit) * (limit - c) >= 0) {
      w = limit;
      fw = await f(w);
    } else if ((w - limit) * (c - w) > 0) {
      fw = await f(w);
      if (fw < fc) {
        [b, fb] = [c, fc];
        [c, fc] = [w, fw];
        w = c + goldenGrowth * (c - b);
        fw = await f(w);
      }
    } else {
      w = c + goldenGrowth * (c - b);
      fw = await f(w);
    }
    [a, b, c] = [b, c, w];
    [fa, fb, fc] = [fb, fc, fw];
  }
  return checked({ a, b, c, fa, fb, fc });
}

function checked(points: Omit<Bracket, 'valid'>): Bracket {
  const { a, b, c, fa, fb, fc } = points;
  const lowest = (fb < fc && fb <= fa) || (fb < fa && fb <= fc);
  const ordered = (a < b && b < c) || (c < b && b < a);
  return { ...points, valid: lowest && ordered && [a, b, c].every(Number.isFinite) };
}

/** Minimises from the bracket around (0, 1); `tolerance` is relative to |x|. An invalid bracket gives the best of its points. */
export async function minimizeBrent(f: ScalarFunction, tolerance: number): Promise<ScalarMinimum> {
  let evaluations = 0;
  const counted: ScalarFunction = (x) => {
    evaluations++;
    return f(x);
  };
  const bracket = await bracketMinimum(counted);
  if (!bracket.valid) {
    const points = [
      [bracket.a, bracket.fa],
      [bracket.b, bracket.fb],
      [bracket.c, bracket.fc],
    ] as const;
    const best = points.reduce((least, point) => (point[1] < least[1] ? point : least));
    return { x: best[0], value: best[1], evaluations };
  }
  const { x, value } = await shrink(counted, bracket, tolerance);
  return { x, value, evaluations };
}

/** Brent's loop: parabolic steps where they are trusted, golden sections elsewhere. x is the best point, w the second, v the one before. */
async function shrink(f: ScalarFunction, bracket: Bracket, tolerance: number): Promise<{ x: number; value: number }> {
  let [x, w, v] = [bracket.b, bracket.b, bracket.b];
  let [fx, fw, fv] = [bracket.fb, bracket.fb, bracket.fb];
  let low = Math.min(bracket.a, bracket.c);
  let high = Math.max(bracket.a, bracket.c);
  let beforeLast = 0;
  let last = 0;
  for (let round = 0; round < roundsMax; round++) {
    const least = tolerance * Math.abs(x) + toleranceMin;
    const middle = (low + high) / 2;
    if (Math.abs(x - middle) < 2 * least - (high - low) / 2) break;
    const golden = x >= middle ? low - x : high - x;
    const parabola = Math.abs(beforeLast) <= least ? null : parabolicStep({ x, w, v, fx, fw, fv });
    const trusted =
      parabola !== null &&
      parabola.top > parabola.bottom * (low - x) &&
      parabola.top < parabola.bottom * (high - x) &&
      Math.abs(parabola.top) < Math.abs((parabola.bottom * beforeLast) / 2);
    if (trusted) {
      beforeLast = last;
      last = parabola.top / parabola.bottom;
      const u = x + last;
      if (u - low < 2 * least || high - u < 2 * least) last = middle - x >= 0 ? least : -least;
    } else {
      beforeLast = golden;
      last = goldenCut * golden;
    }
    const u = Math.abs(last) < least ? x + (last >= 0 ? least : -least) : x + last;
    const fu = await f(u);
    if (fu > fx) {
      if (u < x) low = u;
      else high = u;
      if (fu <= fw || w === x) {
        [v, fv] = [w, fw];
        [w, fw] = [u, fu];
      } else if (fu <= fv || v === x || v === w) {
        [v, fv] = [u, fu];
      }
    } else {
      if (u >= x) low = x;
      else high = x;
      [v, fv] = [w, fw];
      [w, fw] = [x, fx];
      [x, fx] = [u, fu];
    }
  }
  return { x, value: fx };
}

interface Triple {
  readonly x: number;
  readonly w: number;
  readonly v: number;
  readonly fx: number;
  readonly fw: number;
  readonly fv: number;
}

/** The vertex of the parabola through three points, as a fraction relative to x; `bottom` >= 0. */
function parabolicStep({ x, w, v, fx, fw, fv }: Triple): { top: number; bottom: number } {
  const first = (x - w) * (fx - fv);
  const second = (x - v) * (fx - fw);
  const top = (x - v) * second - (x - w) * first;
  const bottom = 2 * (second - first);
  return { top: bottom > 0 ? -top : top, bottom: Math.abs(bottom) };
}
