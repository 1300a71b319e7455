/**
 * What an operator is to the rest of bitwright. One file per operator in this folder exports one `OpDefinition`; the registry is
 * generated from the folder listing. The float side (shape, reference) speaks NCHW graph values; the integer side speaks the
 * channels-last integer program.
 *
 * Conventions of the graph that importer, rewrites and ops share. Axes count in the graph's layout (NCHW, NCL or plain) and are never
 * negative; axis 0 is the batch. `clamp` is `{min, max}` in real units or null (absent means null); an open side is +-Infinity.
 * `?` marks an input that may be '' or left out. "constant" inputs live in `graph.constants`.
 * 1-D convolution and pooling: values are rank 3 (NCL), but weights and geometry are written as 2-D with height 1 (weights [O,I,1,W],
 * strides [1,s], kernel [1,k], pads [0,left,0,right]).
 *
 * | op | inputs | attributes | from ONNX |
 * |---|---|---|---|
 * | conv | x, weight constant [O, I/groups, H, W], bias? constant [O] | strides [h,w], dilations [h,w], pads [top,left,bottom,right], groups, clamp | Conv |
 * | depthwise-conv | x, weight constant [O,1,H,W] (O = C * multiplier, output channel c*multiplier+k), bias? [O] | strides, dilations, pads, clamp | Conv with groups = C > 1 |
 * | conv-transpose | x, weight constant [O, I/groups, H, W] (ONNX's [I,O/groups,H,W] turned around by the importer), bias? [O] | strides, dilations, pads, outputPadding [h,w], groups, clamp | ConvTranspose |
 * | fully-connected | x [N,...,inputs], weight constant [outputs,inputs], bias? [outputs] | clamp | Gemm, MatMul with a constant right side (alpha, beta, transposes folded into the constants) |
 * | mat-mul | a [N,...,M,K], b [N,...,K,P] | clamp | MatMul of two values |
 * | add, sub, mul | a, b; numpy broadcasting; at most one is a constant | clamp | Add, Sub, Mul, Div by a constant (as mul by its reciprocal) |
 * | max-pool | x | kernel [h,w], strides, dilations, pads, clamp | MaxPool (ceil_mode: the importer enlarges pads bottom/right) |
 * | average-pool | x | kernel, strides, dilations, pads, countIncludePad boolean, clamp | AveragePool |
 * | global-average-pool | x [N,C,...] | clamp | GlobalAveragePool, ReduceMean over all spatial axes; output keeps the axes as 1 (a reshape drops them) |
 * | batch-normalization | x, scale, bias, mean, variance (constants [C]) | epsilon | BatchNormalization; must be folded before lowering |
 * | clamp | x | clamp {min,max} | Relu {0,Infinity}, Relu6/Clip, Min/Max with constants |
 * | sigmoid, tanh, hard-swish, softplus, mish, erf, gelu, exp, sqrt, abs, neg | x | none | the same; gelu is the erf form |
 * | leaky-relu, elu | x | alpha | LeakyRelu, Elu |
 * | hard-sigmoid | x | alpha, beta | HardSigmoid |
 * | prelu | x, slope constant broadcast to x | none | PRelu |
 * | softmax | x | axis | Softmax (opset 13 meaning; older ones get reshapes) |
 * | reshape | x | shape: the full output shape with batch 1, no 0 or -1 | Reshape, Flatten, Squeeze, Unsqueeze |
 * | transpose | x | permutation (element 0 is 0) | Transpose |
 * | concat | 2 to 7 values | axis >= 1 | Concat |
 * | split | x | axis >= 1, sizes: one per output | Split |
 * | slice | x | begin, end, step: one per axis, resolved, 0 <= begin < end, step >= 1; axis 0 is [0,1) step 1 | Slice |
 * | pad | x | before, after: one per axis, >= 0; value (real) | Pad, mode constant |
 * | requantize | x | clamp | none; rewrites put it where scales meet |
 * | rescale | x | factor | none; the same codes read on another scale in a quantized model |
 * | code-table | x, table constant int8 [256], index = code + 128 | inputScale, inputZeroPoint, outputScale, outputZeroPoint | Gather of a constant table by codes in a quantized model |
 * | resize | x [N,C,H,W] | size [h,w], mode 'nearest' or 'bilinear', coordinates 'half-pixel' / 'pytorch-half-pixel' / 'asymmetric' / 'align-corners', rounding 'round-prefer-floor' / 'round-prefer-ceil' / 'floor' / 'ceil' (nearest), scales [h,w] | Resize, Upsample |
 * | gather | table constant [rows,width], indices (int64 or int32 value [N,...]) | none | Gather, axis 0, constant data: output [N,...,width] |
 * | arg-max | x | axis, keepDims boolean | ArgMax; output dtype int64 |
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
  /** True where the output has the same bytes in the same order as input 0: `lower` emits nothing and both share storage. */
  viewOf?(node: Node, graph: Graph): boolean;
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
