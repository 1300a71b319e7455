/**
 * Inner products of integer rows, exact, by a small WebAssembly module; rows that could overflow its int32 sums take the float64 form.
 * Sums of integers have one result whatever their order, so both forms and every machine agree.
 */
import { innerProducts, symmetricProducts } from '../quantize/rounding/inner-products.ts';
import { productsModule } from './products.generated.ts';

interface ProductExports {
  readonly __heap_base: WebAssembly.Global<'i32'>;
  products(a: number, n: number, b: number, m: number, length: number, result: number, upper: number): void;
}

const tileRows = 3;
const lanes = 8;
const pageBytes = 65536;

let loaded: { readonly memory: WebAssembly.Memory; readonly exports: ProductExports } | undefined;

/** One row after the other, each `length` long. */
export interface IntegerRows {
  readonly rows: number;
  readonly values: Int8Array | Int16Array;
}

/** result[i][j] = sum over k of a[i][k] * b[j][k]; `b` null stands for `a` itself. */
export function integerProducts(a: IntegerRows, b: IntegerRows | null, length: number): Float64Array<ArrayBuffer> {
  const bound = length * largest(a.values) * largest((b ?? a).values);
  if (bound < 2 ** 31) return exactProducts(a, b, length);
  const left = Float64Array.from(a.values);
  if (b === null) return symmetricProducts(left, a.rows, length);
  return innerProducts(left, a.rows, Float64Array.from(b.values), b.rows, length);
}

function exactProducts(a: IntegerRows, b: IntegerRows | null, length: number): Float64Array<ArrayBuffer> {
  loaded ??= load();
  const { memory, exports } = loaded;
  const padded = Math.ceil(length / lanes) * lanes;
  const n = Math.ceil(a.rows / tileRows) * tileRows;
  const m = b === null ? n : Math.ceil(b.rows / tileRows) * tileRows;
  const aAddress = Math.ceil(exports.__heap_base.value / 16) * 16;
  const bAddress = b === null ? aAddress : aAddress + 2 * n * padded;
  const resultAddress = bAddress + 2 * m * padded;
  const missing = resultAddress + 4 * n * m - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / pageBytes));
  place(memory, aAddress, a, n, length, padded);
  if (b !== null) place(memory, bAddress, b, m, length, padded);
  exports.products(aAddress, n, bAddress, m, padded, resultAddress, b === null ? 1 : 0);
  const sums = new Int32Array(memory.buffer, resultAddress, n * m);
  const columns = b === null ? a.rows : b.rows;
  const result = new Float64Array(a.rows * columns);
  for (let i = 0; i < a.rows; i++) {
    for (let j = 0; j < columns; j++) result[i * columns + j] = b === null && j < i ? sums[j * m + i] : sums[i * m + j];
  }
  return result;
}

function load(): NonNullable<typeof loaded> {
  const bytes = Uint8Array.from(atob(productsModule), (character) => character.charCodeAt(0));
  const memory = new WebAssembly.Memory({ initial: 2 });
  const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } });
  return { memory, exports: instance.exports as unknown as ProductExports };
}

/** Copies the rows, each padded with zeros; rows up to `count` are zero. */
function place(
  memory: WebAssembly.Memory,
  address: number,
  { rows, values }: IntegerRows,
  count: number,
  length: number,
  padded: number,
): void {
  const target = new Int16Array(memory.buffer, address, count * padded);
  target.fill(0, rows * padded);
  for (let row = 0; row < rows; row++) {
    target.set(values.subarray(row * length, (row + 1) * length), row * padded);
    target.fill(0, row * padded + length, (row + 1) * padded);
  }
}

function largest(values: Int8Array | Int16Array): number {
  let most = 0;
  for (let index = 0; index < values.length; index++) {
    const magnitude = values[index] < 0 ? -values[index] : values[index];
    if (magnitude > most) most = magnitude;
  }
  return most;
}
