/** How a graph value looks as a program tensor, before the memory plan places it. */
import { assert } from '../base/errors.ts';
import type { Graph } from '../graph/graph.ts';
import type { ProgramTensor } from '../graph/integer-program.ts';
import { physicalShape } from '../graph/physical-layout.ts';
import type { ActivationQuantization, QuantizationPlan } from '../graph/quantization-plan.ts';

export type UnplacedTensor = Omit<ProgramTensor, 'arenaOffsetBytes'>;

/** The activation's plan entry; a value without one is a bug of the planner. */
export function plannedActivation(plan: QuantizationPlan, value: string): ActivationQuantization {
  const entry = plan.activations.get(value);
  assert(entry !== undefined, `The quantization plan has no entry for the value ${value}.`);
  return entry;
}

/** Describes a graph value as a program tensor, not placed yet. */
export function describeTensor(graph: Graph, plan: QuantizationPlan, name: string): UnplacedTensor {
  const value = graph.values.get(name);
  assert(value !== undefined, `The graph has no value ${name}.`);
  const shape = physicalShape(value.shape);
  if (value.dtype === 'int64' || value.dtype === 'int32') {
    return { name, dtype: 'int32', shape, scale: 1, zeroPoint: 0, bits: 32, qMin: -(2 ** 31), qMax: 2 ** 31 - 1 };
  }
  const { scale, zeroPoint, bits, qMin, qMax } = plannedActivation(plan, name);
  return { name, dtype: bits > 8 ? 'int16' : 'int8', shape, scale, zeroPoint, bits, qMin, qMax };
}
