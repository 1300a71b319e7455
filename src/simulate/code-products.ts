/**
 * Exact products of integer matrices, on the kernels' own int16 tile: what second-order rounding knows about a layer's inputs. The time of
 * a search was once in these sums; in plain JavaScript they take over ten times as long.
 */
import { growMemory, loadKernels, tileColumns, tileRows } from './kernel-module.ts';

/** Rows [from, from + rows) of a matrix of codes, [..][length]. */
export interface CodeRows {
  readonly codes: Int8Array | Uint8Array | Int16Array;
  readonly length: number;
  readonly from: number;
  readonly rows: number;
}

/** result[i][j] = sum over k of a[i][k] * b[j][k], [a.rows][b.rows]; exact below 2^53. Computes half where `b` is `a`. */
export type CodeProducts = (a: CodeRows, b: CodeRows) => Float64Array<ArrayBuffer>;

/** Elements of a row that are in hand at once: what the level-2 cache holds of some hundred rows, and few enough for sums of 32 bits. */
const chunk = 1024;
const steps = chunk / 2;
const elementBytes = 2;
const sumBytes = 4;
/** Enough for the rows of any layer that the search takes in one block. */
const memoryBytesMax = 2 ** 28;

/** Memory for products of up to `rows` rows. */
export function codeProductsBytes(rows: number): number {
  const padded = Math.ceil(rows / tileRows) * tileRows;
  return (padded + tileColumns) * chunk * elementBytes + padded * tileColumns * sumBytes;
}

export async function loadCodeProducts(): Promise<CodeProducts> {
  const { memory, exports } = await loadKernels(memoryBytesMax);
  const base = Math.ceil(exports.__heap_base.value / 16) * 16;
  return (a, b) => {
    const padded = Math.ceil(a.rows / tileRows) * tileRows;
    const columnsAt = base + padded * chunk * elementBytes;
    const sumsAt = columnsAt + tileColumns * chunk * elementBytes;
    growMemory(memory, base + codeProductsBytes(a.rows));
    const left = new Int16Array(memory.buffer, base, padded * chunk);
    const columns = new Int16Array(memory.buffer, columnsAt, tileColumns * chunk);
    const sums = new Int32Array(memory.buffer, sumsAt, padded * tileColumns);
    const result = new Float64Array(a.rows * b.rows);
    const isSymmetric = a === b;
    for (const digitOfA of digitsOf(a.codes)) {
      for (const digitOfB of digitsOf(b.codes)) {
        const weight = digitOfA.weight * digitOfB.weight;
        for (let start = 0; start < a.length; start += chunk) {
          fillRows(left, a, start, digitOfA);
          for (let column = 0; column < b.rows; column += tileColumns) {
            fillColumns(columns, b, column, start, digitOfB);
            const wanted = isSymmetric ? Math.min(a.rows, column + tileColumns) : a.rows;
            const rows = Math.ceil(wanted / tileRows) * tileRows;
            exports.multiplyRows(base, chunk * elementBytes, rows, columnsAt, steps, sumsAt);
            addSums(result, b.rows, sums, wanted, column, weight);
          }
        }
      }
    }
    if (isSymmetric) mirror(result, a.rows);
    return result;
  };
}

/** One base-256 digit of codes: products of digits and their sums over a chunk fit 32 bits. */
interface Digit {
  readonly weight: number;
  of(code: number): number;
}

const whole: readonly Digit[] = [{ weight: 1, of: (code) => code }];
const bytes: readonly Digit[] = [
  { weight: 1, of: (code) => code & 255 },
  { weight: 256, of: (code) => code >> 8 },
];

function digitsOf(codes: CodeRows['codes']): readonly Digit[] {
  return codes.BYTES_PER_ELEMENT === 1 ? whole : bytes;
}

function fillRows(left: Int16Array, { codes, length, from, rows }: CodeRows, start: number, digit: Digit): void {
  const count = Math.min(chunk, length - start);
  for (let row = 0; row < rows; row++) {
    const at = (from + row) * length + start;
    const to = row * chunk;
    if (digit === whole[0]) left.set(codes.subarray(at, at + count), to);
    else for (let k = 0; k < count; k++) left[to + k] = digit.of(codes[at + k]);
    left.fill(0, to + count, to + chunk);
  }
  left.fill(0, rows * chunk);
}

/** Columns in the tile's order: pairs of elements, column by column. */
function fillColumns(
  columns: Int16Array,
  { codes, length, from, rows }: CodeRows,
  first: number,
  start: number,
  digit: Digit,
): void {
  const count = Math.min(chunk, length - start);
  columns.fill(0);
  for (let column = 0; column < Math.min(tileColumns, rows - first); column++) {
    const at = (from + first + column) * length + start;
    for (let k = 0; k < count; k++) {
      columns[(k >> 1) * 2 * tileColumns + 2 * column + (k & 1)] = digit.of(codes[at + k]);
    }
  }
}

function addSums(
  result: Float64Array,
  stride: number,
  sums: Int32Array,
  rows: number,
  first: number,
  weight: number,
): void {
  const count = Math.min(tileColumns, stride - first);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < count; column++) {
      result[row * stride + first + column] += weight * sums[row * tileColumns + column];
    }
  }
}

/** The lower triangle from the upper one. */
function mirror(result: Float64Array, n: number): void {
  for (let i = 0; i < n; i++) for (let j = i + 1; j < n; j++) result[j * n + i] = result[i * n + j];
}
