/** erf in double precision: its Maclaurin series near 0, a continued fraction of erfc in the tails. Absolute error below 1e-13. */

export function erf(value: number): number {
  const x = Math.abs(value);
  if (x > 6) return Math.sign(value);
  const result = x < 2.5 ? series(x) : 1 - tail(x);
  return Math.sign(value) * result;
}

function series(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; n < 200; n++) {
    term *= (-x * x) / n;
    const step = term / (2 * n + 1);
    sum += step;
    if (Math.abs(step) < 1e-17) break;
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

/** erfc(x) = e^(-x^2) / sqrt(pi) * 1 / (x + (1/2) / (x + 1 / (x + (3/2) / (x + ...)))), evaluated from the inside. */
function tail(x: number): number {
  let fraction = x;
  for (let n = 60; n >= 1; n--) fraction = x + n / 2 / fraction;
  return Math.exp(-x * x) / (Math.sqrt(Math.PI) * fraction);
}
