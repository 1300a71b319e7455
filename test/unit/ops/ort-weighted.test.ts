/** QLinearConv, QGemm and QLinearMatMul of ONNX Runtime against the onnxruntime profile: zero differing codes. */
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/base/random.ts';
import { elementCount, type Shape } from '../../../src/base/tensor.ts';
import type { ActivationQuantization } from '../../../src/graph/quantization-plan.ts';
import { asNative, runOnnx } from './ort-session.ts';
import {
  affine,
  expectEqual,
  natives,
  randomActivation,
  randomCodes,
  randomWeights,
  simulate,
  weightNames,
} from './ort-simulation.ts';

const seed = Date.now() % 100000;

describe(`products equal those of ONNX Runtime, seed ${seed}`, () => {
  let compared = 0;
  for (const native of natives) {
    it(`QLinearConv, ${native}`, async () => {
      const random = seededRandom(seed);
      for (let round = 0; round < 24; round++) {
        const depthwise = round % 4 === 3;
        const groups = depthwise ? 6 : [1, 2, 3][round % 3];
        const channels = 6;
        const outputs = depthwise ? 6 * random.integer(1, 2) : groups * random.integer(1, 5);
        const kernel = [random.integer(1, 3), random.integer(1, 4)];
        const geometry = {
          strides: [random.integer(1, 2), random.integer(1, 2)],
          dilations: [random.integer(1, 2), 1],
          pads: Array.from({ length: 4 }, () => random.integer(0, 2)),
        };
        const shape = [1, channels, random.integer(9, 24), random.integer(9, 24)];
        const x = { shape, codes: randomCodes(random, elementCount(shape)), quantization: randomActivation(random) };
        const output = randomActivation(random, 1.2);
        const weights = randomWeights(
          random,
          [outputs, depthwise ? 1 : channels / groups, ...kernel],
          round % 2 === 0,
          native,
        );
        const attributes = { ...geometry, clamp: null, ...(depthwise ? {} : { groups }) };
        const simulated = simulate({
          op: depthwise ? 'depthwise-conv' : 'conv',
          attributes,
          inputs: [x],
          output,
          weights,
        });
        const input = { dtype: native, shape, data: asNative(x.codes, native) };
        const oracle = await runOnnx({ x: input }, { dtype: native, shape: simulated.shape }, (builder) => {
          const names = [
            'x',
            ...affine(builder, 'x', x.quantization, native),
            ...weightNames(builder, weights),
            ...affine(builder, 'y', output, native),
            builder.constant('b', { dtype: 'int32', shape: [outputs], data: weights.biasCodes }),
          ];
          builder.node('QLinearConv', names, ['y'], {
            name: 'conv',
            attributes: {
              strides: { ints: geometry.strides },
              dilations: { ints: geometry.dilations },
              pads: { ints: geometry.pads },
              group: { int: groups },
            },
          });
        });
        compared += expectEqual(simulated.codes, oracle, native);
      }
    });

    it(`QGemm, ${native}`, async () => {
      const random = seededRandom(seed + 1);
      for (let round = 0; round < 40; round++) {
        const [length, outputs] = [random.integer(1, 40), random.integer(1, 700)];
        const x = { shape: [1, length], codes: randomCodes(random, length), quantization: randomActivation(random) };
        const output = randomActivation(random, 1.5);
        const weights = randomWeights(random, [outputs, length], round % 2 === 0, native);
        const simulated = simulate({
          op: 'fully-connected',
          attributes: { clamp: null },
          inputs: [x],
          output,
          weights,
        });
        const input = { dtype: native, shape: x.shape, data: asNative(x.codes, native) };
        const oracle = await runOnnx({ x: input }, { dtype: native, shape: [1, outputs] }, (builder) => {
          const names = [
            'x',
            ...affine(builder, 'x', x.quantization, native),
            ...weightNames(builder, weights),
            builder.constant('b', { dtype: 'int32', shape: [outputs], data: weights.biasCodes }),
            ...affine(builder, 'y', output, native),
          ];
          builder.node('QGemm', names, ['y'], {
            name: 'gemm',
            domain: 'com.microsoft',
            attributes: { transB: { int: 1 } },
          });
        });
        compared += expectEqual(simulated.codes, oracle, native);
      }
    });

    it(`QLinearMatMul, ${native}`, async () => {
      const random = seededRandom(seed + 2);
      for (let round = 0; round < 20; round++) {
        const [rows, depth, columns] = [random.integer(1, 30), random.integer(1, 20), random.integer(1, 40)];
        const limit = native === 'uint8' ? 31 : 127;
        const make = (shape: Shape, low: number, high: number) => ({
          shape,
          codes: Int8Array.from({ length: elementCount(shape) }, () => random.integer(low, high)),
          quantization: randomActivation(random),
        });
        const a = make([1, rows, depth], -128, 127);
        const b = make([1, depth, columns], -limit, limit);
        const output = randomActivation(random, 0.6);
        const simulated = simulate({ op: 'mat-mul', attributes: { clamp: null }, inputs: [a, b], output });
        const inputs = {
          a: { dtype: native, shape: a.shape, data: asNative(a.codes, native) },
          b: { dtype: native, shape: b.shape, data: asNative(b.codes, native) },
        };
        const oracle = await runOnnx(inputs, { dtype: native, shape: simulated.shape }, (builder) => {
          const side = (name: string, of: ActivationQuantization) => affine(builder, name, of, native);
          const names = ['a', ...side('a', a.quantization), 'b', ...side('b', b.quantization), ...side('y', output)];
          builder.node('QLinearMatMul', names, ['y'], { name: 'product' });
        });
        compared += expectEqual(simulated.codes, oracle, native);
      }
    });
  }

  it('compared enough', () => expect(compared).toBeGreaterThan(60000));
});
