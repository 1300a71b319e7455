/**
 * Cost per operation of typical layers on a board or emulator: `node scripts/bench-kernels.mjs DEVICE...` (after npm run build),
 * e.g. `pico-emulator qemu:mps2-an386`. For judging kernel variants; every output is also compared with the reference.
 */

import { seededRandom } from '../dist/base/random.js';
import { openDevice } from '../dist/device/registry.js';
import { getOp } from '../dist/ops/registry.js';
import { pack } from '../dist/package/pack.js';
import { runReference } from '../dist/simulate/reference-engine.js';

const random = seededRandom(1);
const align16 = (bytes) => Math.ceil(bytes / 16) * 16;
const sizeOf = (shape) => shape.reduce((product, size) => product * size, 1);

/** A program of one layer, and codes for its inputs. */
function programOf(layer) {
  const tensors = [];
  const constants = [];
  let arenaBytes = 0;
  const place = (shape) => {
    const tensor = { name: `t${tensors.length}`, dtype: 'int8', shape, scale: 1, zeroPoint: 0, bits: 8 };
    arenaBytes += align16(sizeOf(shape));
    return (
      tensors.push({ ...tensor, qMin: -128, qMax: 127, arenaOffsetBytes: arenaBytes - align16(sizeOf(shape)) }) - 1
    );
  };
  const inputs = layer.inputs.map(place);
  const output = place(layer.output);
  const parameters = { ...layer.parameters };
  for (const [name, { packing, data }] of Object.entries(layer.constants ?? {})) {
    parameters[name] = constants.push({ name, packing, data }) - 1;
  }
  const scratchBytes = align16(getOp(layer.kernel).scratchBytes?.(parameters) ?? 0);
  const operation = {
    kernel: layer.kernel,
    name: layer.name,
    rule: 'double',
    inputs,
    output,
    parameters,
    macs: layer.macs,
  };
  return {
    program: {
      profile: 'cmsis-nn',
      tensors,
      constants,
      operations: [operation],
      inputs,
      outputs: [output],
      arenaBytes: arenaBytes + scratchBytes,
      scratchBytes,
    },
    codes: layer.inputs.map((shape) => codes(sizeOf(shape), 8)),
  };
}

const codes = (count, bits) =>
  Int8Array.from({ length: count }, () => random.integer(-(2 ** (bits - 1)), 2 ** (bits - 1) - 1));

function filterConstants(channels, filterSize, bits) {
  const fill = (value) => ({ packing: 'int32', data: new Int32Array(channels).fill(value) });
  return {
    weights: { packing: `int${bits}`, data: codes(channels * filterSize, bits) },
    bias: fill(100),
    multiplier: fill(1500000000),
    shift: fill(-9),
  };
}

const epilogue = { inputZeroPoint: -3, outputZeroPoint: 5, clampMin: -128, clampMax: 127, channelStep: 1 };

function window(height, width, kernel, stride, pad) {
  const size = (input, taps) => Math.floor((input + 2 * pad - taps) / stride) + 1;
  return {
    inputHeight: height,
    inputWidth: width,
    outputHeight: size(height, kernel[0]),
    outputWidth: size(width, kernel[1]),
    kernelHeight: kernel[0],
    kernelWidth: kernel[1],
    strideHeight: stride,
    strideWidth: stride,
    dilationHeight: 1,
    dilationWidth: 1,
    padTop: pad,
    padLeft: pad,
  };
}

function conv(height, width, kernel, inputChannels, outputChannels, bits, stride = 1, pad = (kernel[0] - 1) >> 1) {
  const words = window(height, width, kernel, stride, pad);
  const filterSize = kernel[0] * kernel[1] * inputChannels;
  return {
    kernel: 'conv',
    name: `conv ${kernel.join('x')} ${inputChannels}->${outputChannels} w${bits}`,
    inputs: [[1, height, width, inputChannels]],
    output: [1, words.outputHeight, words.outputWidth, outputChannels],
    parameters: { ...words, inputChannels, outputChannels, groups: 1, weightBits: bits, ...epilogue },
    constants: filterConstants(outputChannels, filterSize, bits),
    macs: words.outputHeight * words.outputWidth * outputChannels * filterSize,
  };
}

function depthwise(height, width, channels, bits, stride = 1) {
  const words = window(height, width, [3, 3], stride, 1);
  return {
    kernel: 'depthwise-conv',
    name: `depthwise 3x3 ${channels} s${stride} w${bits}`,
    inputs: [[1, height, width, channels]],
    output: [1, words.outputHeight, words.outputWidth, channels],
    parameters: {
      ...words,
      inputChannels: channels,
      outputChannels: channels,
      channelMultiplier: 1,
      weightBits: bits,
      ...epilogue,
    },
    constants: filterConstants(channels, 9, bits),
    macs: words.outputHeight * words.outputWidth * channels * 9,
  };
}

function fullyConnected(inputs, outputs, bits) {
  return {
    kernel: 'fully-connected',
    name: `fully connected ${inputs}->${outputs} w${bits}`,
    inputs: [[1, inputs]],
    output: [1, outputs],
    parameters: { rows: 1, inputs, outputs, weightZeroPoint: 0, weightBits: bits, ...epilogue },
    constants: filterConstants(outputs, inputs, bits),
    macs: inputs * outputs,
  };
}

function add(elements) {
  const word = (name, multiplier, shift) => ({ [`${name}Multiplier`]: multiplier, [`${name}Shift`]: shift });
  const parameters = { elements, input2Elements: elements, subtract: 0, leftShift: 20, input1ZeroPoint: 3 };
  return {
    kernel: 'add',
    name: `add ${elements}`,
    inputs: [
      [1, elements],
      [1, elements],
    ],
    output: [1, elements],
    parameters: {
      ...parameters,
      input2ZeroPoint: -7,
      outputZeroPoint: 1,
      ...word('input1', 1 << 30, 0),
      ...word('input2', 1500000000, -1),
      ...word('output', 1500000000, -18),
      clampMin: -128,
      clampMax: 127,
    },
    macs: elements,
  };
}

function pool(kernel) {
  const words = window(16, 16, [2, 2], 2, 0);
  const average =
    kernel === 'average-pool' ? { countIncludePad: 0, method: 0, inputZeroPoint: 0, outputZeroPoint: 0 } : {};
  const scales = kernel === 'average-pool' ? { inputMultiplier: 0, outputMultiplier: 0 } : {};
  return {
    kernel,
    name: `${kernel} 2x2 32`,
    inputs: [[1, 16, 16, 32]],
    output: [1, 8, 8, 32],
    parameters: { ...words, channels: 32, clampMin: -128, clampMax: 127, ...average, ...scales },
    macs: 16 * 16 * 32,
  };
}

const layers = [
  conv(16, 16, [3, 3], 8, 16, 8),
  conv(16, 16, [3, 3], 8, 16, 4),
  conv(16, 16, [3, 3], 16, 16, 8, 2),
  conv(25, 5, [1, 1], 64, 64, 8),
  conv(25, 5, [1, 1], 64, 64, 4),
  conv(49, 10, [10, 4], 1, 16, 8, 2, 1),
  conv(16, 16, [3, 3], 3, 16, 4),
  depthwise(25, 5, 64, 8),
  depthwise(25, 5, 64, 4),
  depthwise(16, 16, 32, 8, 2),
  fullyConnected(256, 64, 8),
  fullyConnected(256, 64, 4),
  add(4096),
  pool('max-pool'),
  pool('average-pool'),
];

async function bench(spec, runs) {
  const device = await openDevice(spec);
  console.log(`${spec} (${device.info.costUnit})`);
  for (const { layer, program, codes: inputs } of runs) {
    await device.load(pack(program));
    const { outputs, cost } = await device.run(inputs);
    const [expected] = runReference(program, inputs);
    const same = Buffer.compare(Buffer.from(outputs[0].buffer), Buffer.from(expected.buffer)) === 0 ? '' : '  DIFFERS';
    const perMac = (cost / layer.macs).toFixed(2);
    console.log(`  ${layer.name.padEnd(32)} ${String(cost).padStart(10)} ${perMac.padStart(7)} per MAC${same}`);
  }
  await device.close();
}

const runs = layers.map((layer) => ({ layer, ...programOf(layer) }));
for (const spec of process.argv.slice(2)) await bench(spec, runs);
