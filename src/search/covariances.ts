/**
 * The second moments of a layer's inputs in real units, from exact integer sums of their codes. With the mean shift absorbed by the bias,
 * only the variation around the mean can hurt, so all moments are central.
 */
import type { Patches } from '../quantize/input-patches.ts';
import type { CodeProducts, CodeRows } from '../simulate/code-products.ts';

/**
 * Covariances, [to - from][to - from] in real units, of inputs [from, to) of `a` (rows) with those of `b` (columns), which were gathered at
 * the same positions. The sums are exact integers; only what becomes of them is rounded.
 */
export function covariances(
  products: CodeProducts,
  a: Patches,
  b: Patches,
  from: number,
  to: number,
): Float64Array<ArrayBuffer> {
  const n = to - from;
  const rowsOf = ({ codes, rows }: Patches): CodeRows => ({ codes, length: rows, from, rows: n });
  const left = rowsOf(a);
  const result = a === b ? products(left, left) : products(left, rowsOf(b));
  const [sumsOfA, sumsOfB] = [rowSums(left), rowSums(rowsOf(b))];
  const gain = (a.scale * b.scale) / a.rows;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      const at = i * n + j;
      result[at] = gain * (result[at] - (sumsOfA[i] * sumsOfB[j]) / a.rows);
    }
  }
  return result;
}

function rowSums({ codes, length, from, rows }: CodeRows): Float64Array {
  return Float64Array.from({ length: rows }, (_, row) => {
    let sum = 0;
    for (let k = (from + row) * length; k < (from + row + 1) * length; k++) sum += codes[k];
    return sum;
  });
}
