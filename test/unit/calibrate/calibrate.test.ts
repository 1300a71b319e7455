/** Calibration on a graph small enough to work out by hand, the float engine, and what must be refused. */
import { expect, test } from 'vitest';
import { BitwrightError } from '../../../src/base/errors.ts';
import { calibrate } from '../../../src/calibrate/calibrate.ts';
import { createFloatEngine } from '../../../src/calibrate/float-engine.ts';
import { runFloatModel } from '../../../src/calibrate/run-float-model.ts';
import type { Dataset } from '../../../src/data/dataset.ts';
import { importOnnx } from '../../../src/onnx/import-onnx.ts';
import { createOnnxBuilder, floatScalar } from '../../../src/onnx/onnx-builder.ts';

/** y = softmax(2 x) over two channels of one position. */
function softmaxModel(): Uint8Array {
  const b = createOnnxBuilder();
  b.input('x', 'float32', ['N', 2, 1]);
  b.node('Mul', ['x', b.constant('two', floatScalar(2))], ['logits'], { name: 'double' });
  b.node('Softmax', ['logits'], ['y'], { name: 'softmax', attributes: { axis: { int: 1 } } });
  b.output('y', 'float32', ['N', 2, 1]);
  return b.finish({ opset: 13, name: 'softmax' });
}

function datasetOf(samples: number[][], sampleShape: number[]): Dataset {
  return {
    source: 'test set',
    samples: samples.length,
    inputs: [{ name: null, sampleShape, dtype: 'float32' }],
    read: async (start, count) => [
      {
        dtype: 'float32',
        shape: [count, ...sampleShape],
        data: Float32Array.from(samples.slice(start, start + count).flat()),
      },
    ],
    labels: null,
    metric: 'none',
    ranking: null,
  };
}

const failure = (action: Promise<unknown>): Promise<string> =>
  action.then(
    () => 'nothing thrown',
    (error) => (error instanceof BitwrightError ? `${error.code} ${error.message}` : `${error}`),
  );

test('ranges, histograms, channel means and outputs of every value', async () => {
  const samples = [
    [-1, 3],
    [0, 0.5],
    [1, 1],
    [2, -1],
  ];
  const progress: number[] = [];
  const statistics = await calibrate(importOnnx(softmaxModel()), datasetOf(samples, [2, 1]), {
    batch: 3,
    onProgress: (done) => progress.push(done),
  });
  expect(statistics.samples).toBe(4);
  expect([...statistics.values.keys()]).toEqual(['x', 'logits', 'y']);
  const logits = statistics.values.get('logits')!;
  expect(logits).toMatchObject({ min: -2, max: 6 });
  expect([...logits.channelMean]).toEqual([1, 1.75]);
  const { lowest, binWidth, counts } = logits.histogram;
  expect([lowest, binWidth, counts.length]).toEqual([-2, 8 / 2048, 2048]);
  // -2 twice, 0, 1, 2 twice, 4, and the highest value 6 in the last bin.
  const filled = [...counts].flatMap((count, bin) => (count > 0 ? [[bin, count]] : []));
  expect(filled).toEqual([
    [0, 2],
    [512, 1],
    [768, 1],
    [1024, 2],
    [1536, 1],
    [2047, 1],
  ]);
  expect(statistics.outputs.get('logits')!.data).toEqual(Float32Array.of(-2, 6, 0, 1, 2, 2, 4, -2));
  const y = statistics.outputs.get('y')!;
  expect(y.shape).toEqual([4, 2, 1]);
  expect(y.data[4]).toBeCloseTo(0.5, 6);
  expect(progress).toEqual([3, 4, 7, 8]);
});

test('a value that never changes still has bins', async () => {
  const statistics = await calibrate(
    importOnnx(softmaxModel()),
    datasetOf(
      [
        [0, 0],
        [0, 0],
      ],
      [2, 1],
    ),
  );
  const { histogram, min, max } = statistics.values.get('x')!;
  expect([min, max, histogram.counts[0]]).toEqual([0, 0, 4]);
  expect(histogram.binWidth).toBeGreaterThan(0);
});

test('NaN and infinity name the value; too few samples; shapes; interruption', async () => {
  const graph = importOnnx(softmaxModel());
  expect(
    await failure(
      calibrate(
        graph,
        datasetOf(
          [
            [1, 2],
            [3, Number.NaN],
          ],
          [2, 1],
        ),
      ),
    ),
  ).toMatch(/CALIBRATION_FAILED value x /);
  expect(
    await failure(
      calibrate(
        graph,
        datasetOf(
          [
            [1, 2],
            [3, 3e38],
          ],
          [2, 1],
        ),
      ),
    ),
  ).toMatch(/CALIBRATION_FAILED value logits/);
  expect(await failure(calibrate(graph, datasetOf([[1, 2]], [2, 1])))).toMatch(/CALIBRATION_FAILED.*too few.*seen 1/);
  expect(await failure(calibrate(graph, datasetOf([[1], [2]], [1])))).toMatch(/DATASET_MISMATCH.*\[1\].*\[2,1\]/);
  const controller = new AbortController();
  controller.abort(new BitwrightError('INTERRUPTED', { message: 'interrupted' }));
  expect(
    await failure(
      calibrate(
        graph,
        datasetOf(
          [
            [1, 2],
            [3, 4],
          ],
          [2, 1],
        ),
        { signal: controller.signal },
      ),
    ),
  ).toMatch(/^INTERRUPTED/);
});

test('the original model over a range of samples', async () => {
  const samples = Array.from({ length: 5 }, (_, index) => [index, 0]);
  const [y] = await runFloatModel(softmaxModel(), datasetOf(samples, [2]), { start: 1, count: 3, batch: 2 });
  expect(y!.shape).toEqual([3, 2, 1]);
  [1, 2, 3].forEach((x, index) => {
    expect(y!.data[2 * index]).toBeCloseTo(1 / (1 + Math.exp(-2 * x)), 6);
  });
});

test('a file that ONNX Runtime refuses, inputs that it refuses', async () => {
  expect(await failure(createFloatEngine(new TextEncoder().encode('no model')))).toMatch(/^MODEL_INVALID/);
  const engine = await createFloatEngine(softmaxModel());
  expect(engine.inputs).toEqual([{ name: 'x', shape: ['N', 2, 1], dtype: 'float32' }]);
  expect(await failure(engine.run([{ dtype: 'float32', shape: [1, 3, 1], data: new Float32Array(3) }]))).toMatch(
    /^DATASET_MISMATCH/,
  );
  await engine.close();
});

test('the channels of a value that dense layers read are last', async () => {
  const b = createOnnxBuilder();
  b.input('x', 'float32', ['N', 2, 3]);
  b.constant('w', { dtype: 'float32', shape: [3, 1], data: Float32Array.of(1, 1, 1) });
  b.node('MatMul', ['x', 'w'], ['y'], { name: 'm' });
  b.output('y', 'float32', ['N', 2, 1]);
  const model = importOnnx(b.finish({ opset: 13, name: 'rows' }));
  const samples = [
    [1, 2, 3, 5, 6, 7],
    [1, 0, 3, 1, 0, 3],
  ];
  const { values } = await calibrate(model, datasetOf(samples, [2, 3]));
  expect([...values.get('x')!.channelMean]).toEqual([2, 2, 4]);
});
