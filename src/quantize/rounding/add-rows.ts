/**
 * Weighted sums of matrix rows, the inner loop of second-order rounding: four rows a time share the loads and stores of the target. Every
 * element adds its terms in the order of the rows, so the result is that of one row after the other, bit for bit.
 */

/** target[j] += weights[i] * matrix[(firstRow + i) * n + j] for i in [0, count), then j in [from, n). */
export function addRows(
  target: Float64Array,
  matrix: Float64Array,
  n: number,
  firstRow: number,
  weights: Float64Array,
  count: number,
  from: number,
): void {
  let i = 0;
  for (; i + 4 <= count; i += 4) {
    const r0 = (firstRow + i) * n;
    const r1 = r0 + n;
    const r2 = r1 + n;
    const r3 = r2 + n;
    const w0 = weights[i];
    const w1 = weights[i + 1];
    const w2 = weights[i + 2];
    const w3 = weights[i + 3];
    for (let j = from; j < n; j++) {
      target[j] = target[j] + w0 * matrix[r0 + j] + w1 * matrix[r1 + j] + w2 * matrix[r2 + j] + w3 * matrix[r3 + j];
    }
  }
  for (; i < count; i++) {
    const row = (firstRow + i) * n;
    const weight = weights[i];
    for (let j = from; j < n; j++) target[j] += weight * matrix[row + j];
  }
}
