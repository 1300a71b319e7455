/**
 * How the cost of `bitwright quantize` (LAPQ, W4A4) grows with the calibration set, the number of layers and the size of the images: CPU
 * seconds of all threads, which another busy process hardly changes, and the exponent k of time ~ size^k (least squares of logarithms).
 * Needs `npm run build`. About five minutes.
 *
 *     node scripts/benchmark-growth.mjs [--update] [--shared ../shared] [--only calibration|layers|image]
 *
 * Calibration set and layers are measured on the CIFAR-10 models of `--shared` where they are, else on networks that the script makes;
 * images always on those. `--update` writes the tables into docs/benchmarks-search.md.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { markdownTable, writeSection } from './doc-section.mjs';
import { writeImages, writeNetwork } from './growth-network.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const { values: flags } = parseArgs({
  options: {
    update: { type: 'boolean', default: false },
    shared: { type: 'string', default: join(root, '../shared') },
    only: { type: 'string' },
  },
});
const folder = mkdtempSync(join(tmpdir(), 'bitwright-growth-'));
const seed = 1;
const hasShared = existsSync(join(flags.shared, 'models'));
const sharedCase = (model, data) => ({
  name: model,
  model: join(flags.shared, 'models', `${model}.onnx`),
  data: join(flags.shared, 'data/cifar10', `${data}.json`),
});
const resnet8 = () => sharedCase('mlperf_ic_resnet8_fp32', 'mlperf-ic-calibration');
const resnet = (depth) => sharedCase(`cifar10_resnet${depth}_fp32`, 'resnet-calibration');

function madeCase(depth, size, samples) {
  const name = `${depth} convolutions, ${size}x${size}`;
  const [model, data] = [join(folder, `${depth}-${size}.onnx`), join(folder, `${size}-${samples}.npy`)];
  writeNetwork(model, { depth, size, seed });
  writeImages(data, { samples, size, seed });
  return { name, model, data, layout: 'NCHW' };
}

/** Each axis: what grows, and its cases as [size, what to quantize, calibration samples]. */
const axes = {
  calibration: {
    title: 'calibration samples',
    cases: () => {
      const network = hasShared ? resnet8() : madeCase(8, 32, 512);
      return [64, 128, 256, 512].map((samples) => [samples, network, samples]);
    },
  },
  layers: {
    title: 'weighted layers',
    cases: () =>
      hasShared
        ? [
            [10, resnet8(), 64],
            [22, resnet(20), 64],
            [58, resnet(56), 64],
          ]
        : [8, 20, 56].map((depth) => [depth + 1, madeCase(depth, 16, 64), 64]),
  },
  image: {
    title: 'pixels',
    cases: () => [16, 32, 64, 128].map((size) => [size * size, madeCase(8, size, 64), 64]),
  },
};

function measure({ name, model, data, layout }, samples) {
  const main = join(root, 'dist/cli/main.js');
  const options = ['--target', 'tflite-micro', '--weights', '4', '--activations', '4', '--samples', String(samples)];
  const where = ['--data', data, ...(layout === undefined ? [] : ['--layout', layout]), '-o', join(folder, 'out')];
  const argv = ['quantize', model, ...where, ...options, '--json', '--quiet'];
  const { cost, evaluations } = JSON.parse(execFileSync(process.execPath, [main, ...argv]).toString());
  return { name, samples, cost, evaluations };
}

/** Slope of the least-squares line through the logarithms. */
function exponentOf(points) {
  const logs = points.map(([size, value]) => [Math.log(size), Math.log(value)]);
  const mean = (axis) => logs.reduce((sum, point) => sum + point[axis], 0) / logs.length;
  const [x, y] = [mean(0), mean(1)];
  const top = logs.reduce((sum, [a, b]) => sum + (a - x) * (b - y), 0);
  return top / logs.reduce((sum, [a]) => sum + (a - x) ** 2, 0);
}

function axisText({ title, cases }) {
  const measured = cases().map(([size, network, samples]) => {
    const result = measure(network, samples);
    console.error(`${title} ${size}: ${result.cost.cpuSeconds.toFixed(1)} CPU s`);
    return { size, ...result };
  });
  const rows = measured.map(({ size, name, samples, cost, evaluations }) => [
    ...[size, name, samples, cost.cpuSeconds.toFixed(1)],
    ...[evaluations.count, evaluations.fullEquivalents.toFixed(0), cost.searchFloatPasses.toFixed(0)],
    ...[(cost.peakResidentBytes / 2 ** 20).toFixed(0)],
  ]);
  const titles = [title, 'model', 'samples', 'CPU s', 'evaluations', 'full equivalents', 'float passes', 'peak MiB'];
  const time = exponentOf(measured.map(({ size, cost }) => [size, cost.cpuSeconds]));
  const runs = exponentOf(measured.map(({ size, evaluations }) => [size, evaluations.fullEquivalents]));
  return [
    markdownTable(titles, rows),
    '',
    `CPU time grows with the power ${time.toFixed(2)} of the ${title}, full equivalents with ${runs.toFixed(2)}.`,
  ].join('\n');
}

try {
  const chosen = Object.keys(axes).filter((name) => flags.only === undefined || flags.only === name);
  for (const name of chosen) {
    const text = axisText(axes[name]);
    console.log(`${text}\n`);
    if (flags.update) writeSection(join(root, 'docs/benchmarks-search.md'), `growth-${name}`, text);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
