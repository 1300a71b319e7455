/** Pools, elementwise QDQ groups, requantization and input quantization of ONNX Runtime against the onnxruntime profile. */
import { describe, expect, it } from 'vitest';
import { quantizeValue } from '../../../src/arithmetic/effective-scale.ts';
import { seededRandom } from '../../../src/base/random.ts';
import { elementCount } from '../../../src/base/tensor.ts';
import type { ActivationQuantization } from '../../../src/graph/quantization-plan.ts';
import { asNative, runOnnx, scalar } from './ort-session.ts';
import {
  affine,
  expectEqual,
  natives,
  type OneOp,
  profile,
  randomActivation,
  randomCodes,
  simulate,
} from './ort-simulation.ts';

const seed = Date.now() % 100000;

describe(`codes equal those of ONNX Runtime, seed ${seed}`, () => {
  let compared = 0;
  for (const native of natives) {
    it(`QLinearGlobalAveragePool, ${native}`, async () => {
      const random = seededRandom(seed + 3);
      for (let round = 0; round < 20; round++) {
        const shape = [1, random.integer(1, 300), random.integer(1, 9), random.integer(1, 9)];
        const x = { shape, codes: randomCodes(random, elementCount(shape)), quantization: randomActivation(random) };
        const output = randomActivation(random, 0.02);
        const simulated = simulate({ op: 'global-average-pool', attributes: { clamp: null }, inputs: [x], output });
        const input = { dtype: native, shape, data: asNative(x.codes, native) };
        const oracle = await runOnnx({ x: input }, { dtype: native, shape: simulated.shape }, (builder) => {
          const names = ['x', ...affine(builder, 'x', x.quantization, native), ...affine(builder, 'y', output, native)];
          builder.node('QLinearGlobalAveragePool', names, ['y'], { name: 'pool', domain: 'com.microsoft' });
        });
        compared += expectEqual(simulated.codes, oracle, native);
      }
    });

    for (const [op, onnx] of [
      ['add', 'Add'],
      ['sub', 'Sub'],
      ['mul', 'Mul'],
    ] as const) {
      it(`DequantizeLinear, ${onnx}, QuantizeLinear, ${native}, every pair of codes`, async () => {
        const random = seededRandom(seed + 5);
        const every = Array.from({ length: 65536 }, (_, index) => index);
        const shape = [1, 65536];
        for (let round = 0; round < 3; round++) {
          const a = {
            shape,
            codes: Int8Array.from(every, (index) => (index >> 8) - 128),
            quantization: randomActivation(random),
          };
          const b = {
            shape,
            codes: Int8Array.from(every, (index) => (index & 255) - 128),
            quantization: randomActivation(random),
          };
          const output = randomActivation(random, op === 'mul' ? 0.3 : 0.1);
          const simulated = simulate({ op, attributes: { clamp: null }, inputs: [a, b], output });
          const inputs = {
            a: { dtype: native, shape, data: asNative(a.codes, native) },
            b: { dtype: native, shape, data: asNative(b.codes, native) },
          };
          const oracle = await runOnnx(inputs, { dtype: native, shape }, (builder) => {
            const side = (name: string, of: ActivationQuantization) => affine(builder, name, of, native);
            builder.node('DequantizeLinear', ['a', ...side('a', a.quantization)], ['ra'], { name: 'da' });
            builder.node('DequantizeLinear', ['b', ...side('b', b.quantization)], ['rb'], { name: 'db' });
            builder.node(onnx, ['ra', 'rb'], ['r'], { name: 'op' });
            builder.node('QuantizeLinear', ['r', ...side('y', output)], ['y'], { name: 'q' });
          });
          compared += expectEqual(simulated.codes, oracle, native);
        }
      });
    }

    it(`requantization and clamps as DequantizeLinear, Clip, QuantizeLinear, ${native}`, async () => {
      const random = seededRandom(seed + 6);
      const shape = [1, 256];
      for (let round = 0; round < 30; round++) {
        const x = {
          shape,
          codes: Int8Array.from({ length: 256 }, (_, index) => index - 128),
          quantization: randomActivation(random),
        };
        const output = randomActivation(random);
        const clamp =
          round % 2 === 0 ? { min: 0, max: 6 } : { min: Number.NEGATIVE_INFINITY, max: Number.POSITIVE_INFINITY };
        const simulated = simulate({ op: 'clamp', attributes: { clamp }, inputs: [x], output });
        const input = { dtype: native, shape, data: asNative(x.codes, native) };
        const oracle = await runOnnx({ x: input }, { dtype: native, shape }, (builder) => {
          const xs = [...affine(builder, 'x', x.quantization, native)];
          const ys = [...affine(builder, 'y', output, native)];
          builder.node('DequantizeLinear', ['x', ...xs], ['r'], { name: 'd' });
          const bounds = [scalar(builder, 'low', 'float32', clamp.min), scalar(builder, 'high', 'float32', clamp.max)];
          builder.node('Clip', ['r', ...bounds], ['c'], { name: 'c' });
          builder.node('QuantizeLinear', ['c', ...ys], ['y'], { name: 'q' });
        });
        compared += expectEqual(simulated.codes, oracle, native);
      }
    });

    it(`QuantizeLinear of inputs, ${native}`, async () => {
      const random = seededRandom(seed + 7);
      for (let round = 0; round < 4; round++) {
        const quantization = randomActivation(random);
        const shape = [1, 50000];
        const data = Float32Array.from({ length: 50000 }, (_, index) =>
          index % 3 === 0 ? (random.integer(-300, 300) + 0.5) * quantization.scale : random.normal() * 4,
        );
        const codes = Array.from(data, (value) => quantizeValue(profile.quantizeInput, value, quantization));
        const oracle = await runOnnx({ x: { dtype: 'float32', shape, data } }, { dtype: native, shape }, (builder) => {
          const names = ['x', ...affine(builder, 'y', quantization, native)];
          builder.node('QuantizeLinear', names, ['y'], { name: 'q' });
        });
        compared += expectEqual(codes, oracle, native);
      }
    });
  }

  it('QLinearAveragePool, uint8', async () => {
    const random = seededRandom(seed + 4);
    for (let round = 0; round < 20; round++) {
      const shape = [1, random.integer(1, 8), random.integer(5, 20), random.integer(5, 20)];
      const kernel = [random.integer(2, 3), random.integer(1, 4)];
      const geometry = { strides: [random.integer(1, 2), 1], dilations: [1, 1], pads: [1, 0, 0, kernel[1] - 1] };
      const x = { shape, codes: randomCodes(random, elementCount(shape)), quantization: randomActivation(random) };
      const attributes = { kernel, ...geometry, countIncludePad: round % 2 === 0, clamp: null };
      compared += await compareAveragePool(attributes, x, randomActivation(random));
    }
  });

  it('QLinearAveragePool, uint8, where the zero point makes a tie of 31.500006', async () => {
    const taps = [-77, 127, -72, -36, -128, -5, 1, 52, 51, -51, -65, 127];
    const codeRange = { bits: 8, qMin: -128, qMax: 127 };
    const quantization = { ...codeRange, scale: 0.06419838219881058, zeroPoint: -14 };
    const x = { shape: [1, 1, 3, 4], codes: Int8Array.from(taps), quantization };
    const window = { strides: [1, 1], dilations: [1, 1], pads: [0, 0, 0, 1], countIncludePad: true };
    await compareAveragePool({ kernel: [3, 4], ...window, clamp: null }, x, {
      ...codeRange,
      scale: 2 ** -6,
      zeroPoint: 15,
    });
  });

  it('compared enough', () => expect(compared).toBeGreaterThan(1000000));
});

interface AveragePool {
  readonly kernel: number[];
  readonly strides: number[];
  readonly dilations: number[];
  readonly pads: number[];
  readonly countIncludePad: boolean;
  readonly clamp: null;
}

/** In uint8, as models are exported: there the zero point is added in float32 before the rounding. */
async function compareAveragePool(
  attributes: AveragePool,
  x: OneOp['inputs'][number],
  output: ActivationQuantization,
): Promise<number> {
  const simulated = simulate({ op: 'average-pool', attributes: { ...attributes }, inputs: [x], output });
  const input = { dtype: 'uint8' as const, shape: x.shape, data: asNative(x.codes, 'uint8') };
  const oracle = await runOnnx({ x: input }, { dtype: 'uint8', shape: simulated.shape }, (builder) => {
    const names = ['x', ...affine(builder, 'x', x.quantization, 'uint8'), ...affine(builder, 'y', output, 'uint8')];
    builder.node('QLinearAveragePool', names, ['y'], {
      name: 'pool',
      domain: 'com.microsoft',
      attributes: {
        kernel_shape: { ints: attributes.kernel },
        strides: { ints: attributes.strides },
        pads: { ints: attributes.pads },
        count_include_pad: { int: attributes.countIncludePad ? 1 : 0 },
      },
    });
  });
  return expectEqual(simulated.codes, oracle, 'uint8');
}
