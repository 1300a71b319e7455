/**
 * What an operator is to the rest of bitwright. One file per operator in this folder exports one `OpDefinition`; the registry is
 * generated from the folder listing. The float side (shape, reference) speaks NCHW graph values; the integer side speaks the
 * channels-last integer program.
 */
import type { NumericProfile } from '../arithmetic/profile.ts';
import type { EncodedScale, RequantizeRule } from '../arithmetic/rule.ts';
import type { FloatTensor, Shape, Tensor } from '../base/tensor.ts';
import type { Attributes, FusedClamp, Graph, Node, Value } from '../graph/graph.ts';
import type { IntegerOperation, ProgramConstant, ProgramTensor } from '../graph/integer-program.ts';
import type { KernelSpec } from '../graph/kernel-spec.ts';
import type { ActivationQuantization, WeightQuantization } from '../graph/quantization-plan.ts';

/** How the scales of a node's inputs and output are tied. */
export type ScaleTie =
  /** Free: the node requantizes. */
  | 'free'
  /** Output and inputs share one scale and zero point (max pool, reshape, transpose, slice, pad, concat, average pool of TFLite). */
  | 'shared'
  /** The output's scale is fixed by the op (softmax: 1/256, -128). */
  | { readonly scale: number; readonly zeroPointFromLowest: number };

/** What lowering offers an op. All of it is pure: the op returns operations and names the constants it needs. */
export interface LowerContext {
  readonly graph: Graph;
  readonly profile: NumericProfile;
  readonly rule: RequantizeRule;
  /** Program tensor (index and description) of a graph value; physical shape. */
  tensor(value: string): { readonly index: number; readonly tensor: ProgramTensor };
  activation(value: string): ActivationQuantization;
  weights(node: Node): WeightQuantization;
  /** A float constant of the graph, e.g. the bias. */
  constant(name: string): Tensor;
  /** Registers a constant and returns its index. */
  addConstant(constant: ProgramConstant): number;
  /** Registers an internal tensor (rarely needed: a physical transpose before a reshape). */
  addTensor(tensor: Omit<ProgramTensor, 'arenaOffsetBytes'>): number;
  /** Integer bounds of a fused activation on a value's scale, intersected with the value's code range. */
  clampOf(value: string, clamp: FusedClamp | undefined): { readonly clampMin: number; readonly clampMax: number };
  /** Appends an operation in execution order. */
  emit(operation: IntegerOperation): void;
}

/** The largest magnitude an accumulator of this node can reach, per output channel, for the proofs. */
export interface AccumulatorBound {
  readonly minimum: number;
  readonly maximum: number;
  /** Output channel that reaches it. */
  readonly channel: number;
}

export interface OpDefinition {
  /** File name and IR op name, e.g. `conv`. */
  readonly name: string;
  /** Kernel of its own, if it has one (an op may lower to other ops' kernels, or to nothing when it is a view). */
  readonly kernel?: KernelSpec;
  /** Output shapes (NCHW, batch 1). Throws MODEL_INVALID naming the node where inputs do not fit. */
  inferShapes(node: Node, inputs: readonly Value[], constants: ReadonlyMap<string, Tensor>): Shape[];
  /** Readable float reference in float64 accumulation, used as an oracle and for constant folding; any batch. */
  runFloat(node: Node, inputs: readonly (Tensor | undefined)[]): FloatTensor[];
  readonly scaleTie: ScaleTie | ((node: Node, profile: NumericProfile) => ScaleTie);
  /** Multiply-accumulates of one sample; 0 where the op has none. */
  macs(node: Node, graph: Graph): number;
  /** Emits the integer operations. Throws PROFILE_UNSUPPORTED where the profile has no such op. */
  lower(node: Node, context: LowerContext): void;
  /** Integer reference of `kernel`: plain, readable, exact. Reads and writes physical (channels-last) data of one sample. */
  runInteger?(call: IntegerCall): void;
  /** Bytes of scratch that the C kernel needs for these parameters (default 0). */
  scratchBytes?(parameters: Readonly<Record<string, number>>): number;
  /** Proof input for ops that accumulate. */
  accumulatorBound?(call: Omit<IntegerCall, 'inputs' | 'output'>, input: ProgramTensor): AccumulatorBound;
}

export type ActivationArray = Int8Array | Int16Array | Int32Array;

/** One kernel call with its data resolved; what both the TypeScript reference and the C kernel are given. */
export interface IntegerCall {
  readonly operation: IntegerOperation;
  readonly parameters: Readonly<Record<string, number>>;
  readonly rule: RequantizeRule;
  readonly inputs: readonly ActivationArray[];
  readonly output: ActivationArray;
  /** Constant by parameter name; undefined where absent. int4/int2 unpacked. */
  constant(parameter: string): Int8Array | Int16Array | Int32Array | BigInt64Array | undefined;
}

export type { Attributes, EncodedScale };
