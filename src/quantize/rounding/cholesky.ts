/**
 * Dense linear algebra on row-major float64 matrices for second-order rounding. With H = R R^T (R upper triangular) and U = R^-1, the
 * inverse of H is U^T U, which is the form that rounds one column after the other.
 */

/** R of H = R R^T, upper triangular; null where H is not positive definite. `matrix` is [n][n] and is not changed. */
export function upperFactor(matrix: Float64Array, n: number): Float64Array<ArrayBuffer> | null {
  const factor = new Float64Array(n * n);
  for (let column = n - 1; column >= 0; column--) {
    const own = column * n;
    let square = matrix[own + column];
    for (let k = column + 1; k < n; k++) square -= factor[own + k] * factor[own + k];
    if (!(square > 0)) return null;
    const diagonal = Math.sqrt(square);
    factor[own + column] = diagonal;
    let row = 0;
    for (; row + 3 < column; row += 4) solveFourRows(matrix, factor, n, row, column, diagonal);
    for (; row < column; row++) {
      let rest = matrix[row * n + column];
      for (let k = column + 1; k < n; k++) rest -= factor[row * n + k] * factor[own + k];
      factor[row * n + column] = rest / diagonal;
    }
  }
  return factor;
}

/** Four rows at once share the loads of the column's own row. */
function solveFourRows(
  matrix: Float64Array,
  factor: Float64Array,
  n: number,
  row: number,
  column: number,
  diagonal: number,
): void {
  const own = column * n;
  const r0 = row * n;
  const r1 = r0 + n;
  const r2 = r1 + n;
  const r3 = r2 + n;
  let s0 = matrix[r0 + column];
  let s1 = matrix[r1 + column];
  let s2 = matrix[r2 + column];
  let s3 = matrix[r3 + column];
  for (let k = column + 1; k < n; k++) {
    const value = factor[own + k];
    s0 -= factor[r0 + k] * value;
    s1 -= factor[r1 + k] * value;
    s2 -= factor[r2 + k] * value;
    s3 -= factor[r3 + k] * value;
  }
  factor[r0 + column] = s0 / diagonal;
  factor[r1 + column] = s1 / diagonal;
  factor[r2 + column] = s2 / diagonal;
  factor[r3 + column] = s3 / diagonal;
}

/** The inverse of an upper triangular matrix. */
export function invertUpper(factor: Float64Array, n: number): Float64Array<ArrayBuffer> {
  const inverse = new Float64Array(n * n);
  for (let row = n - 1; row >= 0; row--) {
    const target = row * n;
    inverse[target + row] = 1;
    let column = row + 1;
    for (; column + 3 < n; column += 4) subtractFourRows(inverse, factor, n, row, column);
    for (; column < n; column++) {
      const weight = factor[target + column];
      const source = column * n;
      for (let k = column; k < n; k++) inverse[target + k] -= weight * inverse[source + k];
    }
    const diagonal = 1 / factor[target + row];
    for (let k = row; k < n; k++) inverse[target + k] *= diagonal;
  }
  return inverse;
}

/** inverse[row] -= factor[row][column + i] * inverse[column + i] for four i at once; entries left of a row's diagonal are zero. */
function subtractFourRows(inverse: Float64Array, factor: Float64Array, n: number, row: number, column: number): void {
  const target = row * n;
  const r0 = column * n;
  const r1 = r0 + n;
  const r2 = r1 + n;
  const r3 = r2 + n;
  const w0 = factor[target + column];
  const w1 = factor[target + column + 1];
  const w2 = factor[target + column + 2];
  const w3 = factor[target + column + 3];
  for (let k = column; k < n; k++) {
    inverse[target + k] -= w0 * inverse[r0 + k] + w1 * inverse[r1 + k] + (w2 * inverse[r2 + k] + w3 * inverse[r3 + k]);
  }
}
