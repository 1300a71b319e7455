/**
 * A second, independent forward pass for gradient checks: float64 throughout, written for reading, sharing nothing with src/ops or
 * the gradient rules. Batch is axis 0 and of any size.
 */
import type { Attributes, Graph, Node } from '../../../src/graph/graph.ts';
import { erf } from './reference-erf.ts';
import { resizedValue } from './reference-resize.ts';

export interface Array64 {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

const count = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);

export function array64(shape: readonly number[], at: (index: number[]) => number): Array64 {
  const data = new Float64Array(count(shape));
  for (let flat = 0; flat < data.length; flat++) data[flat] = at(unravel(flat, shape));
  return { shape, data };
}

function unravel(flat: number, shape: readonly number[]): number[] {
  const index = new Array<number>(shape.length);
  let rest = flat;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    index[axis] = rest % shape[axis]!;
    rest = Math.floor(rest / shape[axis]!);
  }
  return index;
}

/** Element at `index`, aligned right and broadcast along axes of size 1. */
function get(array: Array64, index: readonly number[]): number {
  let flat = 0;
  const lead = index.length - array.shape.length;
  array.shape.forEach((size, axis) => {
    flat = flat * size + (size === 1 ? 0 : index[axis + lead]!);
  });
  return array.data[flat]!;
}

const map = (x: Array64, f: (value: number) => number): Array64 => ({ shape: x.shape, data: x.data.map(f) });

function pairwise(a: Array64, b: Array64, f: (left: number, right: number) => number): Array64 {
  const rank = Math.max(a.shape.length, b.shape.length);
  const size = (array: Array64, axis: number): number => array.shape[axis - rank + array.shape.length] ?? 1;
  const shape = Array.from({ length: rank }, (_, axis) => Math.max(size(a, axis), size(b, axis)));
  return array64(shape, (index) => f(get(a, index), get(b, index)));
}

const four = (shape: readonly number[]): number[] =>
  shape.length === 3 ? [shape[0]!, shape[1]!, 1, shape[2]!] : [...shape];

/** Sum over a window; `visit` is called for each tap inside the input. */
function taps(
  attributes: Attributes,
  kernel: readonly number[],
  [row, column]: readonly [number, number],
  size: readonly [number, number],
  visit: (inputRow: number, inputColumn: number, kernelRow: number, kernelColumn: number) => void,
): void {
  const { strides, pads } = attributes as Record<string, number[]>;
  const dilations = (attributes.dilations as number[] | undefined) ?? [1, 1];
  for (let i = 0; i < kernel[0]!; i++) {
    for (let j = 0; j < kernel[1]!; j++) {
      const y = row * strides![0]! - pads![0]! + i * dilations[0]!;
      const x = column * strides![1]! - pads![1]! + j * dilations[1]!;
      if (y >= 0 && x >= 0 && y < size[0] && x < size[1]) visit(y, x, i, j);
    }
  }
}

type Run = (inputs: readonly Array64[], attributes: Attributes, shape: readonly number[]) => Array64;

const convolve =
  (groupsOf: (attributes: Attributes, x: Array64) => number): Run =>
  ([x, w, b], attributes, shape) => {
    const groups = groupsOf(attributes, x!);
    const image = { ...x!, shape: four(x!.shape) };
    const [outputs, groupInputs, height, width] = w!.shape as [number, number, number, number];
    const result = array64(four(shape), ([n, o, row, column]) => {
      let total = b === undefined ? 0 : b.data[o!]!;
      const first = Math.floor(o! / (outputs / groups)) * groupInputs;
      const size: [number, number] = [image.shape[2]!, image.shape[3]!];
      taps(attributes, [height, width], [row!, column!], size, (y, xx, i, j) => {
        for (let c = 0; c < groupInputs; c++) total += get(image, [n!, first + c, y, xx]) * get(w!, [o!, c, i, j]);
      });
      return total;
    });
    return { ...result, shape };
  };

/** Scatters each input over the output, the textbook form of a transposed convolution; weight [O, I / groups, h, w]. */
const convolveTransposed: Run = ([x, w, b], attributes, shape) => {
  const groups = attributes.groups as number;
  const [outputs, groupInputs, height, width] = w!.shape as [number, number, number, number];
  const full = four(shape);
  const result = array64(full, ([, o]) => (b === undefined ? 0 : b.data[o!]!));
  const image = { ...x!, shape: four(x!.shape) };
  const perGroup = outputs / groups;
  array64(image.shape, ([n, c, row, column]) => {
    const value = get(image, [n!, c!, row!, column!]);
    const group = Math.floor(c! / groupInputs);
    taps(attributes, [height, width], [row!, column!], [full[2]!, full[3]!], (y, xx, i, j) => {
      for (let k = 0; k < perGroup; k++) {
        const o = group * perGroup + k;
        const at = ((n! * outputs + o) * full[2]! + y) * full[3]! + xx;
        result.data[at]! += value * get(w!, [o, c! % groupInputs, i, j]);
      }
    });
    return 0;
  });
  return { ...result, shape };
};

const pool =
  (finish: (values: number[], attributes: Attributes) => number): Run =>
  ([x], attributes, shape) => {
    const image = { ...x!, shape: four(x!.shape) };
    const size: [number, number] = [image.shape[2]!, image.shape[3]!];
    const result = array64(four(shape), ([n, c, row, column]) => {
      const values: number[] = [];
      taps(attributes, attributes.kernel as number[], [row!, column!], size, (y, xx) => {
        values.push(get(image, [n!, c!, y, xx]));
      });
      return finish(values, attributes);
    });
    return { ...result, shape };
  };

const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

function batchNorm([x, scale, bias]: readonly Array64[], attributes: Attributes): Array64 {
  const channels = x!.shape[1]!;
  const columns: number[][] = Array.from({ length: channels }, () => []);
  array64(x!.shape, (index) => columns[index[1]!]!.push(get(x!, index)));
  const mean = columns.map((values) => total(values) / values.length);
  const variance = columns.map((values, c) => total(values.map((v) => (v - mean[c]!) ** 2)) / values.length);
  return array64(x!.shape, (index) => {
    const c = index[1]!;
    const deviation = Math.sqrt(variance[c]! + (attributes.epsilon as number));
    return ((get(x!, index) - mean[c]!) / deviation) * scale!.data[c]! + bias!.data[c]!;
  });
}

const sigmoid = (v: number): number => 1 / (1 + Math.exp(-v));
const unary =
  (f: (value: number, attributes: Attributes) => number): Run =>
  ([x], attributes) =>
    map(x!, (value) => f(value, attributes));
const identity = unary((v) => v);

const runs: Readonly<Record<string, Run>> = {
  conv: convolve((attributes) => attributes.groups as number),
  'depthwise-conv': convolve((_, x) => x.shape[1]!),
  'conv-transpose': convolveTransposed,
  'fully-connected': ([x, w, b], _, shape) =>
    array64(shape, (index) => {
      const o = index[index.length - 1]!;
      let sum = b === undefined ? 0 : b.data[o]!;
      for (let i = 0; i < w!.shape[1]!; i++) sum += get(x!, [...index.slice(0, -1), i]) * get(w!, [o, i]);
      return sum;
    }),
  'mat-mul': ([a, b], _, shape) =>
    array64(shape, (index) => {
      const [row, column] = index.slice(-2) as [number, number];
      const lead = index.slice(0, -2);
      let sum = 0;
      for (let k = 0; k < a!.shape.at(-1)!; k++) sum += get(a!, [...lead, row, k]) * get(b!, [...lead, k, column]);
      return sum;
    }),
  add: ([a, b]) => pairwise(a!, b!, (x, y) => x + y),
  sub: ([a, b]) => pairwise(a!, b!, (x, y) => x - y),
  mul: ([a, b]) => pairwise(a!, b!, (x, y) => x * y),
  'max-pool': pool((values) => Math.max(...values)),
  'average-pool': pool((values, { kernel, countIncludePad }) => {
    const [height, width] = kernel as number[];
    return total(values) / (countIncludePad === true ? height! * width! : values.length);
  }),
  'global-average-pool': ([x], _, shape) => {
    const positions = count(x!.shape.slice(2));
    return {
      shape,
      data: Float64Array.from(
        { length: count(shape) },
        (_unused, i) => total([...x!.data.subarray(i * positions, (i + 1) * positions)]) / positions,
      ),
    };
  },
  'batch-normalization': batchNorm,
  clamp: identity,
  requantize: identity,
  sigmoid: unary(sigmoid),
  tanh: unary(Math.tanh),
  exp: unary(Math.exp),
  sqrt: unary(Math.sqrt),
  abs: unary(Math.abs),
  neg: unary((v) => -v),
  softplus: unary((v) => Math.log(1 + Math.exp(v))),
  mish: unary((v) => v * Math.tanh(Math.log(1 + Math.exp(v)))),
  erf: unary(erf),
  gelu: unary((v) => (v * (1 + erf(v / Math.SQRT2))) / 2),
  'hard-sigmoid': unary((v, { alpha, beta }) => Math.min(1, Math.max(0, (alpha as number) * v + (beta as number)))),
  'hard-swish': unary((v) => v * Math.min(1, Math.max(0, v / 6 + 0.5))),
  'leaky-relu': unary((v, { alpha }) => (v > 0 ? v : (alpha as number) * v)),
  elu: unary((v, { alpha }) => (v > 0 ? v : (alpha as number) * Math.expm1(v))),
  prelu: ([x, slope]) => pairwise(x!, slope!, (v, s) => (v > 0 ? v : s * v)),
  softmax: ([x], { axis }) => {
    const sums = new Map<string, number>();
    const key = (index: number[]): string => index.filter((_, at) => at !== axis).join();
    array64(x!.shape, (index) => {
      sums.set(key(index), (sums.get(key(index)) ?? 0) + Math.exp(get(x!, index)));
      return 0;
    });
    return array64(x!.shape, (index) => Math.exp(get(x!, index)) / sums.get(key(index))!);
  },
  reshape: ([x], _, shape) => ({ shape, data: x!.data }),
  transpose: ([x], { permutation }, shape) =>
    array64(shape, (index) => {
      const source: number[] = [];
      (permutation as number[]).forEach((axis, at) => {
        source[axis] = index[at]!;
      });
      return get(x!, source);
    }),
  concat: (inputs, { axis }, shape) =>
    array64(shape, (index) => {
      let at = index[axis as number]!;
      for (const input of inputs) {
        const size = input.shape[axis as number]!;
        if (at < size)
          return get(
            input,
            index.map((value, a) => (a === axis ? at : value)),
          );
        at -= size;
      }
      return Number.NaN;
    }),
  slice: ([x], { begin, step }, shape) =>
    array64(shape, (index) =>
      get(
        x!,
        index.map((value, a) => (a === 0 ? value : (begin as number[])[a]! + value * (step as number[])[a]!)),
      ),
    ),
  pad: ([x], { before, value }, shape) =>
    array64(shape, (index) => {
      const source = index.map((at, a) => at - (before as number[])[a]!);
      return source.every((at, a) => at >= 0 && at < x!.shape[a]!) ? get(x!, source) : (value as number);
    }),
  resize: ([x], attributes, shape) =>
    array64(shape, (at) =>
      resizedValue(at, attributes, x!.shape.slice(2) as [number, number], (from) => get(x!, from)),
    ),
  gather: ([table, indices], _, shape) =>
    array64(shape, (index) => get(table!, [get(indices!, index.slice(0, -1)), index[index.length - 1]!])),
};

function split([x]: readonly Array64[], node: Node): Array64[] {
  const { axis, sizes } = node.attributes as unknown as { axis: number; sizes: number[] };
  let start = 0;
  return sizes.map((size) => {
    const first = start;
    start += size;
    const shape = x!.shape.map((value, a) => (a === axis ? size : value));
    return array64(shape, (index) =>
      get(
        x!,
        index.map((value, a) => (a === axis ? value + first : value)),
      ),
    );
  });
}

/** All values of the graph by name. `feeds` hold graph inputs (with batch) and any constants that replace the graph's. */
export function referenceForward(graph: Graph, feeds: ReadonlyMap<string, Array64>): Map<string, Array64> {
  const values = new Map(feeds);
  const batch = feeds.get(graph.inputs[0]!)!.shape[0]!;
  for (const [name, tensor] of graph.constants) {
    if (!values.has(name))
      values.set(name, { shape: tensor.shape, data: Float64Array.from(tensor.data as Float32Array) });
  }
  for (const node of graph.nodes) {
    const inputs = node.inputs.filter((input) => input !== '').map((input) => values.get(input)!);
    const shape = [batch, ...graph.values.get(node.outputs[0]!)!.shape.slice(1)];
    const results = node.op === 'split' ? split(inputs, node) : [runs[node.op]!(inputs, node.attributes, shape)];
    const clamp = node.attributes.clamp as { min: number; max: number } | undefined;
    results.forEach((result, index) => {
      const clamped = clamp == null ? result : map(result, (v) => Math.min(clamp.max, Math.max(clamp.min, v)));
      values.set(node.outputs[index]!, clamped);
    });
  }
  return values;
}
