/** What `scripts/measure-models.mjs` does with one model: quantize, validate, and the row that comes of it. */
import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
const board = 'qemu:mps2-an386';
const boardSamples = 2;
const referenceSamples = 1;
const noiseSamples = 64;

/** In the order of the table: model file, calibration and test manifests, or the shape of the noise that stands in for data. */
export const models = [
  { name: 'mlperf_kws_dscnn_fp32', calibration: 'kws/mlperf-kws-calibration', test: 'kws/mlperf-kws-test' },
  { name: 'mlperf_ic_resnet8_fp32', calibration: 'cifar10/mlperf-ic-calibration', test: 'cifar10/mlperf-ic-test' },
  { name: 'mlperf_vww_mobilenetv1_025_fp32', noise: [3, 96, 96] },
  { name: 'mlperf_ad_fc_ae_fp32', noise: [640] },
  { name: 'cifar10_resnet20_fp32', calibration: 'cifar10/resnet-calibration', test: 'cifar10/resnet-test' },
  { name: 'cifar10_resnet56_fp32', calibration: 'cifar10/resnet-calibration', test: 'cifar10/resnet-test' },
  { name: 'ncf_neumf8_ml1m_fp32', calibration: 'ncf/calibration', test: 'ncf/test' },
  {
    name: 'mobilenet_v1_025_224_fp32',
    calibration: 'imagenet/mobilenet-v1-calibration',
    test: 'imagenet/mobilenet-v1-validation',
  },
  {
    name: 'mobilenet_v2_torchvision_ptq.dequant',
    calibration: 'imagenet/mobilenet-v2-calibration',
    test: 'imagenet/mobilenet-v2-validation',
  },
  {
    name: 'squeezenet1_1_fp32',
    calibration: 'imagenet/squeezenet-calibration',
    test: 'imagenet/squeezenet-validation',
  },
];

/** `options`: models and data (folders), target, method, samples, limit, scratch (a folder). The row of one model at one width. */
export function measureModel(model, weights, activations, options) {
  const { name, noise } = model;
  const file = join(options.models, `${name}.onnx`);
  const out = join(options.scratch, `${name}-w${weights}a${activations}`);
  const layout = noise?.length === 3 ? ['--layout', 'NCHW'] : [];
  const given = noise === undefined ? null : noiseFile(join(options.scratch, `${name}.npy`), noise);
  const dataOf = (set) => ['--data', given ?? join(options.data, `${set}.json`), ...layout];
  const bits = ['--weights', weights, '--activations', activations];
  const search = ['--target', options.target, '--method', options.method, '--samples', options.samples];
  bitwright('quantize', file, ...search, ...bits, ...dataOf(model.calibration), '-o', out);
  const manifest = JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8'));
  const validate = (device, limit) => {
    const limited = limit === undefined ? [] : ['--limit', limit];
    return bitwright('validate', out, '--device', device, ...dataOf(model.test), ...limited);
  };
  const simulated = validate('simulator', options.limit);
  const reference = validate('reference', referenceSamples);
  const onBoard = orNullWhereItDoesNotFit(() => validate(board, boardSamples));
  rmSync(out, { recursive: true });
  const { metric, float, device } = simulated.accuracy;
  return {
    ...{ model: name, weights, activations, target: options.target, profile: manifest.profile.id },
    ...{ method: options.method, calibrationSamples: manifest.options.samples },
    operations: manifest.operations.length,
    macs: manifest.macs,
    parameters: bitwright('inspect', file).parameters,
    arenaBytes: manifest.memory.arenaBytes,
    programBytes: manifest.memory.programBytes,
    accuracy: noise === undefined ? { metric, float, integer: device } : null,
    simulator: comparisonOf(simulated),
    reference: comparisonOf(reference),
    board: onBoard && { device: board, ...comparisonOf(onBoard) },
  };
}

const comparisonOf = ({ samples, compared, mismatches, layers }) => ({
  samples,
  compared: compared + layers.compared,
  mismatches: mismatches + layers.mismatches,
});

/** The verb's document; its progress and errors go to stderr. A gate that does not hold (exit code 1) is a result. */
function bitwright(...argv) {
  const stdio = ['ignore', 'pipe', 'inherit'];
  try {
    const argument = [main, ...argv.map(String), '--json'];
    return JSON.parse(execFileSync(process.execPath, argument, { stdio, maxBuffer: 2 ** 28 }).toString());
  } catch (error) {
    if (error.status === 1) return JSON.parse(error.stdout.toString());
    const failure = new Error(`bitwright ${argv.join(' ')} failed`, { cause: error });
    failure.code = error.stdout?.length > 0 ? JSON.parse(error.stdout.toString()).error.code : undefined;
    throw failure;
  }
}

function orNullWhereItDoesNotFit(run) {
  try {
    return run();
  } catch (error) {
    if (error.code === 'DEVICE_MISMATCH') return null;
    throw error;
  }
}

/** A float32 .npy of noise in [0, 1), the same on every run. */
function noiseFile(path, shape) {
  const sizes = [noiseSamples, ...shape];
  const count = sizes.reduce((product, size) => product * size, 1);
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${sizes.join(', ')}), }`;
  const header = `${text.padEnd(Math.ceil((text.length + 11) / 64) * 64 - 11)}\n`;
  const data = new Float32Array(count);
  let state = 1;
  for (let index = 0; index < count; index++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    data[index] = state / 2 ** 32;
  }
  const length = Buffer.alloc(2);
  length.writeUInt16LE(header.length);
  const magic = Buffer.from('\x93NUMPY\x01\x00', 'latin1');
  writeFileSync(path, Buffer.concat([magic, length, Buffer.from(header), Buffer.from(data.buffer)]));
  return path;
}
