/**
 * What happens to a node's output before others read it: the fused clamp, then fake quantization onto the plan's grid. Rounding
 * has no useful derivative, so activations pass the gradient straight through where the value is inside the range and stop it
 * outside (clipped straight-through); the weights' gradients are the blend's business.
 */
import type { FusedClamp } from '../graph/graph.ts';
import type { ActivationQuantization } from '../graph/quantization-plan.ts';
import { floatType, type NodeEmitter } from './node-emitter.ts';

/** How one activation value is quantized; `step` is the name of a scalar input where the step is learned. */
export interface ActivationGrid {
  readonly quantization: ActivationQuantization;
  readonly step?: string;
}

export interface EmittedActivation {
  readonly value: string;
  /** Gradient of the raw value from that of `value`. */
  backward(gradient: string): string;
  /** Gradient of the step, where it is learned. */
  stepGradient?(gradient: string): string;
}

/** The gradient where low < value < high, 0 elsewhere; an infinite bound is not compared. */
export function passInside(builder: NodeEmitter, gradient: string, value: string, low: number, high: number): string {
  const tests: string[] = [];
  if (Number.isFinite(low)) tests.push(builder.node('Greater', [value, builder.scalar(low)]));
  if (Number.isFinite(high)) tests.push(builder.node('Less', [value, builder.scalar(high)]));
  if (tests.length === 0) return gradient;
  const inside = tests.length === 1 ? tests[0]! : builder.node('And', tests);
  return builder.node('Where', [inside, gradient, builder.scalar(0)]);
}

export function emitClamp(builder: NodeEmitter, raw: string, clamp: FusedClamp | undefined): EmittedActivation {
  if (clamp === undefined || (clamp.min === Number.NEGATIVE_INFINITY && clamp.max === Number.POSITIVE_INFINITY)) {
    return { value: raw, backward: (gradient) => gradient };
  }
  const value =
    clamp.min === 0 && clamp.max === Number.POSITIVE_INFINITY
      ? builder.node('Relu', [raw])
      : builder.node('Clip', [raw, bound(builder, clamp.min), bound(builder, clamp.max)]);
  return { value, backward: (gradient) => passInside(builder, gradient, value, clamp.min, clamp.max) };
}

const bound = (builder: NodeEmitter, value: number): string => (Number.isFinite(value) ? builder.scalar(value) : '');

/** Clamp and grid together. Activations of more than 8 bits are left in float: their rounding is far below training noise. */
export function emitActivation(
  builder: NodeEmitter,
  raw: string,
  clamp: FusedClamp | undefined,
  grid: ActivationGrid | undefined,
): EmittedActivation {
  if (grid === undefined || grid.quantization.bits > 8) return emitClamp(builder, raw, clamp);
  if (grid.step !== undefined) return emitLearnedGrid(builder, raw, clamp, grid.quantization, grid.step);
  const { scale, zeroPoint, qMin, qMax } = grid.quantization;
  const low = Math.max(clamp?.min ?? Number.NEGATIVE_INFINITY, scale * (qMin - zeroPoint));
  const high = Math.min(clamp?.max ?? Number.POSITIVE_INFINITY, scale * (qMax - zeroPoint));
  const clipped = builder.node('Clip', [raw, builder.scalar(low), builder.scalar(high)]);
  return {
    value: roundToGrid(builder, clipped, builder.scalar(scale)),
    backward: (gradient) => passUnchanged(builder, gradient, raw, clipped),
  };
}

/** One comparison instead of two: a value is inside the range exactly where clipping leaves it as it is. */
function passUnchanged(builder: NodeEmitter, gradient: string, raw: string, clipped: string): string {
  return builder.node('Where', [builder.node('Equal', [raw, clipped]), gradient, builder.scalar(0)]);
}

/**
 * Nearest multiple of the scale, ties to even; the caller has clipped. No DequantizeLinear, whose moving about by onnxruntime's
 * optimizer ends in models that it then refuses; int16 holds every code less its zero point.
 */
function roundToGrid(builder: NodeEmitter, clipped: string, scale: string): string {
  const zero = builder.constant('int16', [], Int16Array.of(0));
  const codes = builder.node('Cast', [builder.node('QuantizeLinear', [clipped, scale, zero])], { to: floatType });
  return builder.node('Mul', [codes, scale]);
}

/** Learned step size quantization: d value / d step = (value - x) / step inside the range, value / step where it saturates. */
function emitLearnedGrid(
  builder: NodeEmitter,
  raw: string,
  clamp: FusedClamp | undefined,
  { zeroPoint, qMin, qMax }: ActivationQuantization,
  step: string,
): EmittedActivation {
  const clamped = emitClamp(builder, raw, clamp);
  const [low, high] = [qMin, qMax].map((code) => builder.node('Mul', [step, builder.scalar(code - zeroPoint)]));
  const clipped = builder.node('Clip', [clamped.value, low!, high!]);
  const value = roundToGrid(builder, clipped, step);
  return {
    value,
    backward: (gradient) => clamped.backward(passUnchanged(builder, gradient, clamped.value, clipped)),
    stepGradient: (gradient) => {
      const inside = builder.node('Equal', [clamped.value, clipped]);
      const slope = builder.node('Where', [inside, builder.node('Sub', [value, clamped.value]), value]);
      const sum = builder.node('ReduceSum', [builder.node('Mul', [gradient, slope])], { keepdims: 0 });
      return builder.node('Div', [sum, step]);
    },
  };
}
