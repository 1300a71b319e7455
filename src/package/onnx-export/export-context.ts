/** What the exporter of one node works with: names of codes, quantization constants, the operations that lowering made of the node. */
import { assert, BitwrightError } from '../../base/errors.ts';
import type { Shape, Tensor } from '../../base/tensor.ts';
import type { Graph, Node } from '../../graph/graph.ts';
import type { IntegerOperation, IntegerProgram } from '../../graph/integer-program.ts';
import type { ActivationQuantization, QuantizationPlan } from '../../graph/quantization-plan.ts';
import { floatScalar, type OnnxBuilder } from '../../onnx/onnx-builder.ts';

export interface ExportContext {
  readonly builder: OnnxBuilder;
  /** The graph that the program holds: a softmax left to the host is cut off. */
  readonly graph: Graph;
  readonly plan: QuantizationPlan;
  readonly program: IntegerProgram;
  /** ONNX values of program tensors that are no graph values, by tensor name, in graph order; exporters add those that they make. */
  readonly internals: Map<string, { readonly value: string; readonly shape: Shape }>;
}

export type NodeExporter = (node: Node, context: ExportContext) => void;

/** ONNX name of the int8 codes of a graph value; index values keep their own name. */
export function codesName(context: ExportContext, value: string): string {
  return context.graph.values.get(value)!.dtype === 'float32' ? `${value}_quantized` : value;
}

export function shapeOf(context: ExportContext, name: string): Shape {
  return (context.graph.values.get(name) ?? context.graph.constants.get(name)!).shape;
}

export function activationOf(context: ExportContext, value: string): ActivationQuantization {
  const entry = context.plan.activations.get(value);
  assert(entry !== undefined, `The quantization plan has no entry for the value ${value}.`);
  return entry;
}

/** The operations that a node was lowered to, in order. */
export function operationsOf(context: ExportContext, node: Node): IntegerOperation[] {
  return context.program.operations.filter((operation) => operation.name === node.name);
}

/** The node's operation of a kernel; lowering made exactly one. */
export function operationOf(context: ExportContext, node: Node, kernel?: string): IntegerOperation {
  const found = operationsOf(context, node).filter((operation) => kernel === undefined || operation.kernel === kernel);
  assert(found.length >= 1, `The program has no operation ${kernel ?? ''} of the node ${node.name}.`);
  return found[0]!;
}

export function constantOf(context: ExportContext, operation: IntegerOperation, parameter: string) {
  const index = operation.parameters[parameter] ?? -1;
  return index < 0 ? undefined : context.program.constants[index]!.data;
}

export function scaleName(context: ExportContext, value: string): string {
  return context.builder.constant(`${value}_scale`, floatScalar(activationOf(context, value).scale));
}

export function zeroPointName(context: ExportContext, value: string): string {
  return context.builder.constant(`${value}_zero_point`, int8Scalar(activationOf(context, value).zeroPoint));
}

export function int8Scalar(code: number): Tensor {
  return { dtype: 'int8', shape: [], data: Int8Array.of(code) };
}

/**
 * Writes an operation whose result still has to be held to codes [clampMin, clampMax]: `write` is given the name to write to, and
 * a Clip follows where the range is narrower than int8 itself.
 */
export function writeClamped(
  context: ExportContext,
  node: Node,
  output: string,
  { clampMin, clampMax }: Readonly<Record<string, number>>,
  write: (output: string) => void,
): void {
  const low = clampMin ?? -128;
  const high = clampMax ?? 127;
  if (low <= -128 && high >= 127) {
    write(output);
    return;
  }
  const { builder } = context;
  write(`${output}/unclamped`);
  const bounds = [low, high].map((code) => builder.constant(`code/${code}`, int8Scalar(code)));
  builder.node('Clip', [`${output}/unclamped`, ...bounds], [output], { name: `${node.name}/clamp` });
}

export function cannotExport(node: Node, message: string): BitwrightError {
  return new BitwrightError('PROFILE_UNSUPPORTED', {
    message: `cannot be written as a quantized ONNX operator: ${message}`,
    where: `node ${node.name} (${node.op})`,
    next: 'The package is complete without model.onnx.',
  });
}
