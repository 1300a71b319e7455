/**
 * `node scripts/bench-wide-convolution.mjs` (after npm run build): convolutions of int16 activations in the simulator, the fast kernel over
 * the plain one, on layers of a ResNet-20 and a pointwise one. Best of five runs each, in one process, on one thread.
 */
import { getRule } from '../dist/arithmetic/registry.js';
import { seededRandom } from '../dist/base/random.js';
import { getOp } from '../dist/ops/registry.js';
import { pack } from '../dist/package/pack.js';
import { createSampleEngine } from '../dist/simulate/sample-engine.js';

const samples = 64;
const rounds = 5;
const random = seededRandom(1);
const align16 = (bytes) => Math.ceil(bytes / 16) * 16;

/** Inputs, outputs, height and width, kernel. */
const layers = [
  [3, 16, 32, 3],
  [16, 16, 32, 3],
  [32, 32, 16, 3],
  [64, 64, 8, 3],
  [64, 128, 14, 1],
];

function programOf([inputs, outputs, size, kernel]) {
  const { multiplier, shift } = getRule('reduced-16').encode(1e-4);
  const parameters = {
    ...{ inputHeight: size, inputWidth: size, inputChannels: inputs },
    ...{ outputHeight: size, outputWidth: size, outputChannels: outputs },
    ...{ kernelHeight: kernel, kernelWidth: kernel, strideHeight: 1, strideWidth: 1 },
    ...{ dilationHeight: 1, dilationWidth: 1, padTop: kernel >> 1, padLeft: kernel >> 1, groups: 1 },
    ...{ weightBits: 8, channelStep: 0, weights: 0, multiplier: 1, shift: 2, bias: -1 },
    ...{ inputZeroPoint: 0, outputZeroPoint: 0, clampMin: -32768, clampMax: 32767 },
  };
  const tensor = (name, channels, arenaOffsetBytes) => ({
    ...{ name, dtype: 'int16', shape: [1, size, size, channels], scale: 1, zeroPoint: 0, bits: 16 },
    ...{ qMin: -32768, qMax: 32767, arenaOffsetBytes },
  });
  const outputAt = align16(2 * size * size * inputs);
  const scratchBytes = align16(getOp('conv').scratchBytes?.(parameters) ?? 0);
  const weights = Int8Array.from({ length: kernel * kernel * inputs * outputs }, () => random.integer(-127, 127));
  return {
    ...{ profile: 'int16x8', inputs: [0], outputs: [1], scratchBytes },
    tensors: [tensor('input', inputs, 0), tensor('output', outputs, outputAt)],
    constants: [
      { name: 'weights', packing: 'int8', data: weights },
      { name: 'multiplier', packing: 'int32', data: Int32Array.of(multiplier) },
      { name: 'shift', packing: 'int32', data: Int32Array.of(shift) },
    ],
    operations: [{ kernel: 'conv', name: 'conv', rule: 'reduced-16', inputs: [0], output: 1, parameters, macs: 0 }],
    arenaBytes: outputAt + align16(2 * size * size * outputs) + scratchBytes,
  };
}

/** The same inputs are set again each time: the engine would otherwise find that it has run the program. */
async function bestSeconds(mode, bytes, codes) {
  const engine = await createSampleEngine(2 ** 27, mode);
  let best = Infinity;
  for (let round = 0; round < rounds; round++) {
    engine.setInputs({ samples, inputs: [codes] });
    const started = performance.now();
    engine.run(bytes, undefined, samples);
    best = Math.min(best, (performance.now() - started) / 1000);
  }
  return best;
}

for (const layer of layers) {
  const [inputs, outputs, size, kernel] = layer;
  const bytes = pack(programOf(layer));
  const codes = Int16Array.from({ length: samples * size * size * inputs }, () => random.integer(-32768, 32767));
  const [plain, fast] = [await bestSeconds('plain', bytes, codes), await bestSeconds('fast', bytes, codes)];
  const rate = (samples * size * size * inputs * outputs * kernel * kernel) / fast / 1e9;
  const title = `${inputs} -> ${outputs}, ${size}x${size}, kernel ${kernel}x${kernel}`;
  console.log(`${title}: ${(plain / fast).toFixed(1)} times as fast, ${rate.toFixed(1)} GMAC/s`);
}
