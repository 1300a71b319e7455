/**
 * `node scripts/measure-models.mjs --models DIR --data DIR [--only NAME] [--weights 8,4] [--activations 8] [--samples N] [--limit N] [--method M] [-o table.md]`
 *
 * Takes a folder of float models through the whole job with the command line (built in dist/): quantize, the whole test set in the
 * simulator, one sample on the TypeScript reference, a few on an emulated Cortex-M4 where program and arena fit. Prints one row each; a
 * model without a data set runs on seeded noise, which proves bits and says nothing of accuracy.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values: options } = parseArgs({
  options: {
    models: { type: 'string' },
    data: { type: 'string' },
    only: { type: 'string' },
    weights: { type: 'string', default: '8,4' },
    activations: { type: 'string', default: '8' },
    samples: { type: 'string', default: '256' },
    limit: { type: 'string' },
    method: { type: 'string', default: 'lapq' },
    output: { type: 'string', short: 'o' },
  },
});
if (options.models === undefined || options.data === undefined) throw new Error('--models and --data are needed');

const main = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
const board = 'qemu:mps2-an386';
const boardSamples = 2;
const folder = mkdtempSync(join(tmpdir(), 'bitwright-models-'));

/** Model file, calibration and test manifests; null: noise of that shape. */
const models = [
  ['mlperf_kws_dscnn_fp32', 'kws/mlperf-kws-calibration', 'kws/mlperf-kws-test'],
  ['mlperf_ic_resnet8_fp32', 'cifar10/mlperf-ic-calibration', 'cifar10/mlperf-ic-test'],
  ['cifar10_resnet20_fp32', 'cifar10/resnet-calibration', 'cifar10/resnet-test'],
  ['cifar10_resnet56_fp32', 'cifar10/resnet-calibration', 'cifar10/resnet-test'],
  ['mlperf_ad_fc_ae_fp32', null, [640]],
  ['mlperf_vww_mobilenetv1_025_fp32', null, [3, 96, 96]],
  ['ncf_neumf8_ml1m_fp32', 'ncf/calibration', 'ncf/test'],
  ['mobilenet_v1_025_224_fp32', 'imagenet/mobilenet-v1-calibration', 'imagenet/mobilenet-v1-validation'],
  ['squeezenet1_1_fp32', 'imagenet/squeezenet-calibration', 'imagenet/squeezenet-validation'],
  ['mobilenet_v2_torchvision_ptq.dequant', 'imagenet/mobilenet-v2-calibration', 'imagenet/mobilenet-v2-validation'],
];

/** A float32 .npy of noise in [0, 1), the same on every run. */
function noiseFile(name, shape, samples) {
  const sizes = [samples, ...shape];
  const count = sizes.reduce((product, size) => product * size, 1);
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${sizes.join(', ')}), }`;
  const header = `${text.padEnd(Math.ceil((text.length + 11) / 64) * 64 - 11)}\n`;
  const data = new Float32Array(count);
  let state = 1;
  for (let index = 0; index < count; index++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    data[index] = state / 2 ** 32;
  }
  const path = join(folder, `${name}.npy`);
  const length = Buffer.alloc(2);
  length.writeUInt16LE(header.length);
  writeFileSync(
    path,
    Buffer.concat([Buffer.from('\x93NUMPY\x01\x00', 'latin1'), length, Buffer.from(header), Buffer.from(data.buffer)]),
  );
  return path;
}

/** The verb's JSON document; a gate that does not hold (exit code 1) is a result, anything else an error. */
function bitwright(...argv) {
  try {
    const stdio = ['ignore', 'pipe', 'pipe'];
    return JSON.parse(
      execFileSync(process.execPath, [main, ...argv, '--json', '--quiet'], { stdio, maxBuffer: 2 ** 28 }).toString(),
    );
  } catch (error) {
    if (error.status === 1) return JSON.parse(error.stdout.toString());
    throw new Error(`bitwright ${argv.join(' ')}\n${error.stderr}`, { cause: error });
  }
}

const percent = (value) => (value === null || value === undefined ? '' : `${(100 * value).toFixed(2)}`);

function measure([name, calibration, test], weights, activations) {
  const noise = calibration === null;
  const data = noise ? noiseFile(name, test, 64) : join(options.data, `${calibration}.json`);
  const judged = noise ? data : join(options.data, `${test}.json`);
  const out = join(folder, `${name}-w${weights}a${activations}`);
  const model = join(options.models, `${name}.onnx`);
  const bits = ['--weights', String(weights), '--activations', String(activations)];
  const layout = noise && test.length === 3 ? ['--layout', 'NCHW'] : [];
  const made = bitwright(
    'quantize',
    model,
    '--target',
    'tflite-micro',
    '--data',
    data,
    ...layout,
    ...bits,
    '--method',
    options.method,
    '--samples',
    options.samples,
    '-o',
    out,
  );
  const manifest = JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8'));
  const validate = (device, limit) =>
    bitwright(
      'validate',
      out,
      '--device',
      device,
      '--data',
      judged,
      ...layout,
      ...(limit === undefined ? [] : ['--limit', String(limit)]),
    );
  const simulated = validate('simulator', options.limit);
  const reference = validate('reference', 1);
  const { programBytes, arenaBytes, weightBytes } = manifest.memory;
  const fits = programBytes + arenaBytes < 3.5 * 2 ** 20;
  const onBoard = fits ? validate(board, boardSamples) : null;
  rmSync(out, { recursive: true });
  const { accuracy } = simulated;
  const drop = noise ? '' : (100 * (accuracy.float - accuracy.device)).toFixed(2);
  return [
    ...[
      name.replace('_fp32', ''),
      `W${weights}A${activations}`,
      manifest.operations.length,
      (manifest.macs / 1e6).toFixed(2),
    ],
    ...[
      weightBytes,
      arenaBytes,
      programBytes,
      noise ? 'noise' : percent(accuracy.float),
      noise ? '' : percent(accuracy.device),
      drop,
    ],
    ...[`${simulated.mismatches} of ${simulated.compared}`, `${reference.mismatches} of ${reference.compared}`],
    ...[
      onBoard === null ? 'does not fit' : `${onBoard.mismatches} of ${onBoard.compared}`,
      made.evaluations.fullEquivalents.toFixed(0),
      made.seconds.toFixed(0),
    ],
  ];
}

const titles = [
  'model',
  'bits',
  'ops',
  'MMAC',
  'weight bytes',
  'arena bytes',
  'program bytes',
  'float %',
  'integer %',
  'drop',
  'simulator',
  'reference',
  board,
  'full runs',
  'seconds',
];
const lines = [`| ${titles.join(' | ')} |`, `|${titles.map(() => '---|').join('')}`];
const list = (text) => text.split(',').map(Number);
try {
  for (const model of models.filter(([name]) => options.only === undefined || name.includes(options.only))) {
    for (const activations of list(options.activations)) {
      for (const weights of list(options.weights)) {
        lines.push(`| ${measure(model, weights, activations).join(' | ')} |`);
        console.log(lines.at(-1));
      }
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
if (options.output !== undefined) writeFileSync(options.output, `${lines.join('\n')}\n`);
