/** What lowering decides: scale products per op and profile, views, proofs, and the refusal of nodes that do not fit. */
import { describe, expect, it } from 'vitest';
import { getProfile } from '../../../src/arithmetic/registry.ts';
import { BitwrightError } from '../../../src/base/errors.ts';
import { floatTensor, type Shape, type Tensor } from '../../../src/base/tensor.ts';
import type { Attributes, Graph, Node } from '../../../src/graph/graph.ts';
import type { IntegerProgram } from '../../../src/graph/integer-program.ts';
import type { ActivationQuantization, WeightQuantization } from '../../../src/graph/quantization-plan.ts';
import { proveAccumulators } from '../../../src/lower/accumulator-proof.ts';
import { lower } from '../../../src/lower/lower.ts';
import { foldCount } from '../../../src/ops/global-average-pool.ts';
import { getOp } from '../../../src/ops/registry.ts';

const f = Math.fround;

interface Draft {
  readonly op: string;
  readonly shapes: readonly Shape[];
  readonly constants?: readonly Tensor[];
  readonly attributes?: Attributes;
}

function build({ op, shapes, constants = [], attributes = {} }: Draft): Graph {
  const names = shapes.map((_, index) => `x${index}`);
  const constantNames = constants.map((_, index) => `c${index}`);
  const node: Node = { name: 'node', op, inputs: [...names, ...constantNames], outputs: ['y'], attributes };
  const values = new Map(names.map((name, index) => [name, { name, dtype: 'float32' as const, shape: shapes[index] }]));
  const known = new Map(constantNames.map((name, index) => [name, constants[index]]));
  const [shape] = getOp(op).inferShapes(node, [...values.values()], known);
  values.set('y', { name: 'y', dtype: 'float32', shape });
  return { name: 'g', nodes: [node], values, constants: known, inputs: names, outputs: ['y'] };
}

function program(
  draft: Draft,
  profileId: string,
  scales: readonly number[],
  weights?: WeightQuantization,
): IntegerProgram {
  const graph = build(draft);
  const quantization = (scale: number): ActivationQuantization => ({
    bits: 8,
    scale,
    zeroPoint: 0,
    qMin: -128,
    qMax: 127,
  });
  const activations = new Map([...graph.values.keys()].map((name, index) => [name, quantization(f(scales[index]))]));
  return lower(
    graph,
    { activations, weights: new Map(weights === undefined ? [] : [['node', weights]]) },
    getProfile(profileId),
  );
}

const weightsOf = (codes: number[], scales: number[], bits = 8): WeightQuantization => ({
  bits,
  perChannel: scales.length > 1,
  scales: Float32Array.from(scales),
  codes: Int8Array.from(codes),
  bias: null,
});

describe('scale products', () => {
  const multiplierOf = ({ operations: [{ parameters }], constants }: IntegerProgram): number =>
    constants[parameters.multiplier].data[0] as number;
  const [input, weight, output] = [0.018961, 0.0061942, 0.028496];
  const dense: Draft = {
    op: 'fully-connected',
    shapes: [[1, 1]],
    constants: [floatTensor([2, 1])],
    attributes: { clamp: null },
  };

  it('of a dense layer multiply in float32 first, unless it is per channel', () => {
    expect(multiplierOf(program(dense, 'cmsis-nn', [input, output], weightsOf([1, 1], [weight])))).toBe(1132928094);
    expect(multiplierOf(program(dense, 'cmsis-nn', [input, output], weightsOf([1, 1], [weight, weight])))).toBe(
      1132928126,
    );
  });

  it('of a convolution are doubles', () => {
    const conv: Draft = {
      op: 'conv',
      shapes: [[1, 1, 1, 1]],
      constants: [floatTensor([1, 1, 1, 1])],
      attributes: { strides: [1, 1], dilations: [1, 1], pads: [0, 0, 0, 0], groups: 1, clamp: null },
    };
    expect(multiplierOf(program(conv, 'cmsis-nn', [input, output], weightsOf([1], [weight])))).toBe(1132928126);
  });

  it('of mul differ between TFLM and LiteRT', () => {
    const mul: Draft = {
      op: 'mul',
      shapes: [
        [1, 4],
        [1, 4],
      ],
      attributes: { clamp: null },
    };
    const words = (profile: string) =>
      program(mul, profile, [0.0945, 0.153, 0.1428]).operations[0].parameters.outputMultiplier;
    expect([words('tflm-reference'), words('tflite-single')]).toEqual([1739461642, 1739461760]);
  });

  it('of add follow the larger input; TFLM computes those of sub in float32', () => {
    const words = (op: string, profile: string) => {
      const shapes: Shape[] = [
        [1, 4],
        [1, 4],
      ];
      const { parameters } = program({ op, shapes, attributes: { clamp: null } }, profile, [0.1, 0.3, 0.2])
        .operations[0];
      return [parameters.input1Multiplier, parameters.input2Multiplier, parameters.outputMultiplier];
    };
    // 0.1f / 0.6 and 0.3f / 0.6 exactly 1/2, as Q0.31 with their shifts.
    const half = 2 ** 30;
    const exact = Math.round((f(0.1) / (2 * f(0.3))) * 2 ** 33);
    const single = Math.round(f(f(0.1) / (2 * f(0.3))) * 2 ** 33);
    expect(words('add', 'cmsis-nn').slice(0, 2)).toEqual([exact, half]);
    expect(words('sub', 'tflite-single').slice(0, 2)).toEqual([exact, half]);
    expect(words('sub', 'cmsis-nn').slice(0, 2)).toEqual([single, half]);
    expect(exact).not.toBe(single);
  });

  it('of a mean fold the count into the multiplier, truncating', () => {
    // m = 2^30, s = 1 (scale 1), 49 positions: shifted up by 5, divided by 49.
    expect(foldCount({ multiplier: 2 ** 30, shift: 1 }, 49)).toEqual({
      multiplier: Math.floor(2 ** 35 / 49),
      shift: -4,
    });
    expect(foldCount({ multiplier: 2 ** 30, shift: -30 }, 49).shift).toBe(-31);
  });
});

describe('views', () => {
  const isView = (op: string, shape: Shape, attributes: Attributes): boolean => {
    const graph = build({ op, shapes: [shape], attributes });
    return getOp(op).viewOf!(graph.nodes[0], graph);
  };

  it('are reshapes and transposes that keep the stored order', () => {
    expect(isView('reshape', [1, 7, 1, 1], { shape: [1, 7] })).toBe(true);
    expect(isView('reshape', [1, 1, 3, 5], { shape: [1, 15] })).toBe(true);
    expect(isView('reshape', [1, 4, 3, 2], { shape: [1, 4, 6] })).toBe(true);
    expect(isView('reshape', [1, 4, 3, 2], { shape: [1, 24] })).toBe(false);
    expect(isView('transpose', [1, 1, 5, 3], { permutation: [0, 2, 1, 3] })).toBe(false);
    expect(isView('transpose', [1, 1, 5, 3], { permutation: [0, 3, 1, 2] })).toBe(true);
    expect(isView('transpose', [1, 4, 5, 3], { permutation: [0, 1, 2, 3] })).toBe(true);
  });
});

describe('accumulator proofs', () => {
  it('are reached by some input and never passed', () => {
    const codes = [127, -128, 3, -5, 100, 1];
    const weights = weightsOf(codes, [0.01, 0.01]);
    const lowered = program(
      { op: 'fully-connected', shapes: [[1, 3]], constants: [floatTensor([2, 3])], attributes: { clamp: null } },
      'cmsis-nn',
      [1, 1],
      weights,
    );
    const [proof] = proveAccumulators(lowered, getProfile('cmsis-nn'));
    // Channel 0: 127 * 127 + 128 * 128 + 3 * 127 and its opposite end.
    expect(proof).toMatchObject({
      channel: 0,
      maximum: 32894,
      minimum: -(127 * 128 + 128 * 127 + 3 * 128),
      holds: true,
    });
  });

  it('fail on the 20-bit accumulators of the ESP32-S3 where 41 full products fit in', () => {
    const wide = (length: number): boolean => {
      const draft: Draft = {
        op: 'fully-connected',
        shapes: [[1, length]],
        constants: [floatTensor([1, length])],
        attributes: { clamp: null },
      };
      const lowered = program(draft, 'esp-dl-s3', [1, 1], weightsOf(new Array(length).fill(127), [1]));
      return proveAccumulators(lowered, getProfile('esp-dl-s3'))[0].holds;
    };
    // 32 * 127 * 128 = 520192 fits 2^19, 33 of them do not.
    expect([wide(32), wide(33)]).toEqual([true, false]);
  });
});

describe('nodes that do not fit', () => {
  const codeOf = (action: () => unknown): string => {
    try {
      action();
    } catch (error) {
      if (error instanceof BitwrightError) return error.code;
      throw error;
    }
    return 'accepted';
  };
  const window = { strides: [1, 1], dilations: [1, 1], pads: [0, 0, 0, 0] };
  const image: Shape = [1, 2, 3, 3];
  const cases: readonly [string, Draft][] = [
    ['a kernel larger than its input', { op: 'max-pool', shapes: [image], attributes: { ...window, kernel: [4, 1] } }],
    ['a stride of 0', { op: 'max-pool', shapes: [image], attributes: { ...window, kernel: [1, 1], strides: [0, 1] } }],
    [
      'weights of other channels',
      { op: 'conv', shapes: [image], constants: [floatTensor([1, 3, 1, 1])], attributes: { ...window, groups: 1 } },
    ],
    [
      'groups that do not divide',
      { op: 'conv', shapes: [image], constants: [floatTensor([3, 1, 1, 1])], attributes: { ...window, groups: 2 } },
    ],
    ['a row of another length', { op: 'fully-connected', shapes: [[1, 3]], constants: [floatTensor([2, 4])] }],
    [
      'shapes that do not broadcast',
      {
        op: 'add',
        shapes: [
          [1, 3],
          [1, 4],
        ],
      },
    ],
    ['a reshape to other elements', { op: 'reshape', shapes: [image], attributes: { shape: [1, 17] } }],
    [
      'a permutation that moves the batch',
      { op: 'transpose', shapes: [image], attributes: { permutation: [1, 0, 2, 3] } },
    ],
    [
      'a slice past the end',
      { op: 'slice', shapes: [[1, 4]], attributes: { begin: [0, 1], end: [1, 5], step: [1, 1] } },
    ],
    ['parts that do not add up', { op: 'split', shapes: [[1, 4]], attributes: { axis: 1, sizes: [5] } }],
    ['concat of different sides', { op: 'concat', shapes: [image, [1, 2, 4, 3]], attributes: { axis: 1 } }],
    ['an axis outside the tensor', { op: 'softmax', shapes: [[1, 4]], attributes: { axis: 2 } }],
    [
      'products that do not chain',
      {
        op: 'mat-mul',
        shapes: [
          [1, 2, 3],
          [1, 4, 2],
        ],
      },
    ],
  ];
  for (const [title, draft] of cases) {
    it(`are refused by name: ${title}`, () => {
      expect(codeOf(() => build(draft))).toBe('MODEL_INVALID');
      expect(() => build(draft)).toThrow(/node node/);
    });
  }

  it('are refused at lowering where the kernels have no such form', () => {
    const spatial: Draft = {
      op: 'mul',
      shapes: [
        [1, 2, 3, 3],
        [1, 1, 3, 3],
      ],
      attributes: { clamp: null },
    };
    expect(codeOf(() => program(spatial, 'cmsis-nn', [1, 1, 1]))).toBe('MODEL_UNSUPPORTED');
    const bias = weightsOf([1], [1e-8]);
    const dense: Draft = {
      op: 'fully-connected',
      shapes: [[1, 1]],
      constants: [floatTensor([1, 1]), floatTensor([1], Float32Array.of(1e6))],
    };
    expect(codeOf(() => program(dense, 'cmsis-nn', [1e-3, 1], bias))).toBe('ACCUMULATOR_OVERFLOW');
  });
});
