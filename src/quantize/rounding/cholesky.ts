/**
 * Dense linear algebra on row-major float64 matrices for second-order rounding. With H = R R^T (R upper triangular) and U = R^-1, the
 * inverse of H is U^T U, which is the form that rounds one column after the other.
 */

/** R of H = R R^T, upper triangular; null where H is not positive definite. `matrix` is [n][n] and is not changed. */
export function upperFactor(matrix: Float64Array, n: number): Float64Array<ArrayBuffer> | null {
  const factor = new Float64Array(n * n);
  for (let column = n - 1; column >= 0; column--) {
    const rowStart = column * n;
    const rest = dot(factor, rowStart, factor, rowStart, column + 1, n);
    const square = matrix[rowStart + column] - rest;
    if (!(square > 0)) return null;
    const diagonal = Math.sqrt(square);
    factor[rowStart + column] = diagonal;
    for (let row = 0; row < column; row++) {
      const product = dot(factor, row * n, factor, rowStart, column + 1, n);
      factor[row * n + column] = (matrix[row * n + column] - product) / diagonal;
    }
  }
  return factor;
}

/** The inverse of an upper triangular matrix. */
export function invertUpper(factor: Float64Array, n: number): Float64Array<ArrayBuffer> {
  const inverse = new Float64Array(n * n);
  for (let row = n - 1; row >= 0; row--) {
    const target = row * n;
    inverse[target + row] = 1;
    for (let column = row + 1; column < n; column++) {
      const weight = factor[target + column];
      if (weight === 0) continue;
      const source = column * n;
      for (let k = column; k < n; k++) inverse[target + k] -= weight * inverse[source + k];
    }
    const diagonal = 1 / factor[target + row];
    for (let k = row; k < n; k++) inverse[target + k] *= diagonal;
  }
  return inverse;
}

/** Sum of a[aStart + k] * b[bStart + k] for k in [from, to), in four interleaved partial sums. */
function dot(a: Float64Array, aStart: number, b: Float64Array, bStart: number, from: number, to: number): number {
  let sum0 = 0;
  let sum1 = 0;
  let sum2 = 0;
  let sum3 = 0;
  let k = from;
  for (; k + 3 < to; k += 4) {
    sum0 += a[aStart + k] * b[bStart + k];
    sum1 += a[aStart + k + 1] * b[bStart + k + 1];
    sum2 += a[aStart + k + 2] * b[bStart + k + 2];
    sum3 += a[aStart + k + 3] * b[bStart + k + 3];
  }
  for (; k < to; k++) sum0 += a[aStart + k] * b[bStart + k];
  return sum0 + sum1 + (sum2 + sum3);
}
