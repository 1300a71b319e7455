/**
 * Lowering and integer references of every op under every profile: on inputs and weights that lie on their grids, the output code is the
 * float result rounded once, up to the roundings that the form itself has.
 */
import { describe, expect, it } from 'vitest';
import type { NumericProfile } from '../../../src/arithmetic/profile.ts';
import { allProfiles } from '../../../src/arithmetic/registry.ts';
import { type Tensor, transposeTensor } from '../../../src/base/tensor.ts';
import { graphPermutation, physicalPermutation, physicalShape } from '../../../src/graph/physical-layout.ts';
import type { ActivationQuantization, QuantizationPlan } from '../../../src/graph/quantization-plan.ts';
import { lower } from '../../../src/lower/lower.ts';
import { getOp } from '../../../src/ops/registry.ts';
import type { CodeArray } from '../../../src/simulate/engine.ts';
import { runReference } from '../../../src/simulate/reference-engine.ts';
import { type OpCase, opCases } from './op-cases.ts';
import { type OpGraph, opGraph } from './op-graph.ts';
import { onGrid, planOf } from './op-plan.ts';

const seed = Date.now() % 100000;

/** What a profile has no form of. */
function isRefused({ op, name }: OpCase, profile: NumericProfile): boolean {
  const wide = profile.activation.native === 'int16';
  const tables = 'sigmoid tanh hard-swish softplus mish erf gelu exp abs neg sqrt leaky-relu elu hard-sigmoid'.split(
    ' ',
  );
  if (name.includes('constant')) return false;
  if (op === 'mul') return profile.mul === 'unsupported';
  if (op === 'sub') return profile.add === 'multiply-shift';
  return wide && tables.includes(op);
}

/** Output codes by which the integer form may differ from the exact real result. */
function tolerance({ op, name, attributes }: OpCase, profile: NumericProfile): number {
  // Half a code of rounding; the second rounding of `double` adds up to a quarter, floor another half.
  const roundings: Partial<Record<string, number>> = { double: 0.26, 'multiply-shift-floor': 0.51 };
  const rounding = 0.51 + (roundings[profile.requantize] ?? 0);
  // The bound of a fused activation is itself rounded to a code.
  const bound = (attributes?.clamp as { max: number } | null | undefined)?.max === 6 ? 0.5 : 0;
  // A multiplier of 15 bits is off by up to 2^-16 of 2^15 codes; 8-bit slopes and 11-bit weights are coarse for 16-bit codes.
  const wide: Partial<Record<string, number>> = { prelu: 140, resize: 20 };
  if (profile.requantize === 'reduced-16' && wide[op] !== undefined) return wide[op];
  if (profile.requantize === 'reduced-16') return name.includes('constant') || op === 'batch-normalization' ? 4 : 2;
  // Constants are rounded to 8 bits, on powers of two or one scale for all where the profile has no better.
  const coarse = profile.weight.scale === 'power-of-two' ? 2 : 0.6;
  if (op === 'prelu' || op === 'batch-normalization' || name.includes('constant')) return rounding + coarse;
  // Bilinear weights are multiples of 1/2048.
  if (op === 'resize') return 0.75;
  if (['softmax', 'hard-swish', 'add', 'sub'].includes(op)) return rounding + 0.5;
  return rounding + bound;
}

function runCase(opCase: OpCase, profile: NumericProfile, weightBits: number) {
  const built = opGraph(profile.activation.zeroPoint === 'unsigned' ? { ...opCase, range: [0, 3] } : opCase, seed);
  const { graph, node, inputs } = built;
  const plan = planOf(built, profile, weightBits);
  const program = lower(graph, plan, profile);
  const real = new Map<string, Tensor>();
  const codes = graph.inputs.map((name): CodeArray => {
    const tensor = inputs.get(name)!;
    if (tensor.dtype === 'int64') {
      real.set(name, tensor);
      return Int32Array.from(tensor.data as BigInt64Array, Number);
    }
    const grid = onGrid(tensor, plan.activations.get(name)!, profile);
    real.set(name, grid.real);
    return physical(grid.codes, tensor.shape, profile);
  });
  const outputs = runReference(program, codes);
  const expected = getOp(node.op).runFloat(
    node,
    node.inputs.map((name) => real.get(name) ?? weightsOnGrid(built, plan, name)),
  );
  return { outputs, expected, plan, built };
}

function physical(codes: readonly number[], shape: readonly number[], profile: NumericProfile): CodeArray {
  const tensor = { dtype: 'int32' as const, shape, data: Int32Array.from(codes) };
  const { data } = transposeTensor(tensor, physicalPermutation(shape.length));
  return profile.activation.native === 'int16' ? Int16Array.from(data) : Int8Array.from(data);
}

/** Constants as the integer program sees them: weights and bias on their grids, others as they are. */
function weightsOnGrid({ graph, node }: OpGraph, plan: QuantizationPlan, name: string): Tensor | undefined {
  const tensor = graph.constants.get(name);
  const weights = plan.weights.get(node.name);
  if (weights === undefined || tensor === undefined) return tensor;
  const size = weights.codes.length / weights.scales.length;
  if (name !== node.inputs[2]) {
    return {
      ...tensor,
      data: Float32Array.from(weights.codes, (code, at) => code * weights.scales[Math.floor(at / size)]),
    };
  }
  const { scale } = plan.activations.get(node.inputs[0])!;
  const data = Float32Array.from(tensor.data as Float32Array, (value, channel) => {
    const step = scale * weights.scales[weights.scales.length > 1 ? channel : 0];
    return Math.round(value / step) * step;
  });
  return { ...tensor, data };
}

function worstDifference(codes: ArrayLike<number>, reals: ArrayLike<number>, to: ActivationQuantization): number {
  return Array.from(codes).reduce((worst, code, at) => {
    const exact = Math.min(Math.max(reals[at] / to.scale + to.zeroPoint, to.qMin), to.qMax);
    return Math.max(worst, Math.abs(code - exact));
  }, 0);
}

const indices: ActivationQuantization = { bits: 32, scale: 1, zeroPoint: 0, qMin: 0, qMax: 2 ** 31 - 1 };

for (const profile of allProfiles) {
  describe(`${profile.id}, seed ${seed}`, () => {
    for (const opCase of opCases) {
      // A last softmax that the profile lacks is left to the host.
      if (opCase.op === 'softmax' && profile.softmax === 'unsupported') continue;
      it(`${opCase.op}: ${opCase.name}`, () => {
        if (isRefused(opCase, profile)) {
          expect(() => runCase(opCase, profile, 8)).toThrow(expect.objectContaining({ code: 'PROFILE_UNSUPPORTED' }));
          return;
        }
        for (const weightBits of profile.weight.bits) {
          const { outputs, expected, plan, built } = runCase(opCase, profile, weightBits);
          built.node.outputs.forEach((name, index) => {
            const shape = physicalShape(built.graph.values.get(name)!.shape);
            const data = Int32Array.from(outputs[index]);
            const codes = transposeTensor({ dtype: 'int32', shape, data }, graphPermutation(shape.length)).data;
            const worst = worstDifference(codes, expected[index].data, plan.activations.get(name) ?? indices);
            expect(worst, `weights of ${weightBits} bits`).toBeLessThanOrEqual(tolerance(opCase, profile));
          });
        }
      });
    }
  });
}
