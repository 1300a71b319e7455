/**
 * Random programs of one operation, over every kernel, rule and width, with adversarial values: what all engines are compared on
 * (TypeScript reference, C on the host, WASM, firmware). Everything follows from the given generator, so a seed replays a case.
 */
import { getRule } from '../../src/arithmetic/registry.ts';
import type { RuleId } from '../../src/arithmetic/rule.ts';
import type { Random } from '../../src/base/random.ts';
import { elementCount } from '../../src/base/tensor.ts';
import { activationBytes, type IntegerProgram, type ProgramTensor } from '../../src/graph/integer-program.ts';
import { getOp } from '../../src/ops/registry.ts';
import type { CodeArray } from '../../src/simulate/engine.ts';
import {
  type ActivationBits,
  adversarialCodes,
  type Draft,
  type DraftContext,
  type DraftTensor,
  pick,
  type WeightBits,
} from './random-draft.ts';
import * as elementwise from './random-elementwise-draft.ts';
import * as movement from './random-movement-draft.ts';
import * as tables from './random-table-draft.ts';
import * as windows from './random-window-draft.ts';

export interface RandomOperationOptions {
  /** Default: any width that the kernel has under the rule. */
  readonly activationBits?: ActivationBits;
  readonly weightBits?: WeightBits;
}

export interface RandomOperation {
  readonly program: IntegerProgram;
  /** One physical code array per program input. */
  readonly inputs: readonly CodeArray[];
}

interface KernelCases {
  readonly draft: (context: DraftContext) => Draft;
  readonly rules: readonly RuleId[];
  readonly activationBits: readonly ActivationBits[];
  readonly hasWeights?: boolean;
}

const allRules: readonly RuleId[] = [
  'double',
  'single',
  'float32',
  'shift-half-up',
  'shift-half-even',
  'multiply-shift-floor',
  'reduced-16',
];
const withoutReduced16 = allRules.filter((rule) => rule !== 'reduced-16');
const anyBits: readonly ActivationBits[] = [4, 8, 16];

/** What each kernel implements. Kernels without arithmetic have one rule, which they ignore. */
const kernelCases: Readonly<Record<string, KernelCases>> = {
  conv: { draft: windows.convDraft, rules: allRules, activationBits: anyBits, hasWeights: true },
  'depthwise-conv': { draft: windows.depthwiseConvDraft, rules: allRules, activationBits: anyBits, hasWeights: true },
  'fully-connected': {
    draft: elementwise.fullyConnectedDraft,
    rules: allRules,
    activationBits: anyBits,
    hasWeights: true,
  },
  add: { draft: elementwise.addDraft, rules: withoutReduced16, activationBits: anyBits },
  mul: { draft: elementwise.mulDraft, rules: withoutReduced16, activationBits: anyBits },
  'max-pool': { draft: windows.maxPoolDraft, rules: ['double'], activationBits: anyBits },
  'average-pool': {
    draft: windows.averagePoolDraft,
    rules: ['double', 'float32', 'multiply-shift-floor', 'shift-half-even', 'shift-half-up'],
    activationBits: anyBits,
  },
  'global-average-pool': {
    draft: elementwise.globalAveragePoolDraft,
    rules: withoutReduced16,
    activationBits: anyBits,
  },
  softmax: { draft: elementwise.softmaxDraft, rules: ['double'], activationBits: [4, 8] },
  lookup: { draft: elementwise.lookupDraft, rules: ['double'], activationBits: [4, 8] },
  concat: { draft: movement.concatDraft, rules: ['double'], activationBits: anyBits },
  slice: { draft: movement.sliceDraft, rules: ['double'], activationBits: anyBits },
  pad: { draft: movement.padDraft, rules: ['double'], activationBits: anyBits },
  transpose: { draft: movement.transposeDraft, rules: ['double'], activationBits: anyBits },
  requantize: { draft: elementwise.requantizeDraft, rules: withoutReduced16, activationBits: anyBits },
  resize: { draft: tables.resizeDraft, rules: withoutReduced16, activationBits: anyBits },
  gather: { draft: tables.gatherDraft, rules: ['double'], activationBits: [8], hasWeights: true },
  'arg-max': { draft: tables.argMaxDraft, rules: ['double'], activationBits: anyBits },
  'conv-transpose': { draft: windows.convTransposeDraft, rules: allRules, activationBits: anyBits, hasWeights: true },
  'mat-mul': { draft: tables.matMulDraft, rules: withoutReduced16, activationBits: anyBits },
  prelu: { draft: tables.preluDraft, rules: withoutReduced16, activationBits: anyBits },
};

const profileOfRule: Readonly<Record<RuleId, string>> = {
  double: 'cmsis-nn',
  single: 'tflite-single',
  float32: 'onnxruntime',
  'shift-half-up': 'esp-dl-s3',
  'shift-half-even': 'esp-dl-p4',
  'multiply-shift-floor': 'pulp-nn',
  'reduced-16': 'int16x8',
};

/** Every kernel that random operations exist for. */
export function randomKernels(): string[] {
  return Object.keys(kernelCases);
}

/** The rules that a kernel implements. */
export function rulesOfKernel(kernel: string): readonly RuleId[] {
  return kernelCases[kernel]!.rules;
}

/** The activation and weight widths that a kernel has under a rule; weight widths are empty where it has no weights. */
export function widthsOfKernel(kernel: string, rule: RuleId) {
  const { activationBits, hasWeights } = kernelCases[kernel]!;
  const weightBits: readonly WeightBits[] = hasWeights ? [2, 3, 4, 8] : [];
  return { activationBits: rule === 'reduced-16' ? ([16] as const) : activationBits, weightBits };
}

/** A program of one operation and codes for its inputs. */
export function randomOperation(
  kernel: string,
  rule: RuleId,
  random: Random,
  options: RandomOperationOptions = {},
): RandomOperation {
  const widths = widthsOfKernel(kernel, rule);
  const draft = kernelCases[kernel]!.draft({
    random,
    rule: getRule(rule),
    activationBits: options.activationBits ?? pick(random, widths.activationBits),
    weightBits: options.weightBits ?? pick<WeightBits>(random, [2, 3, 4, 8]),
  });
  const program = assemble(kernel, rule, draft);
  const inputs = draft.inputs.map((tensor) => {
    const codes = adversarialCodes(random, elementCount(tensor.shape), tensor.low, tensor.high);
    const arrays = { int8: Int8Array, int16: Int16Array, int32: Int32Array } as const;
    return arrays[tensor.dtype].from(codes) as CodeArray;
  });
  return { program, inputs };
}

const align16 = (bytes: number): number => Math.ceil(bytes / 16) * 16;

function assemble(kernel: string, rule: RuleId, draft: Draft): IntegerProgram {
  let arenaBytes = 0;
  const place = (tensor: DraftTensor, name: string): ProgramTensor => {
    const arenaOffsetBytes = arenaBytes;
    arenaBytes += align16(elementCount(tensor.shape) * activationBytes[tensor.dtype]);
    const { dtype, shape, bits, zeroPoint, low, high } = tensor;
    return { name, dtype, shape, scale: 1, zeroPoint, bits, qMin: low, qMax: high, arenaOffsetBytes };
  };
  const inputs = draft.inputs.map((tensor, index) => place(tensor, `input${index}`));
  const output = place(draft.output, 'output');
  const indices = inputs.map((_, index) => index);
  const scratchBytes = align16(getOp(kernel).scratchBytes?.(draft.parameters) ?? 0);
  return {
    profile: profileOfRule[rule],
    tensors: [...inputs, output],
    constants: draft.constants,
    operations: [
      { kernel, name: kernel, rule, inputs: indices, output: inputs.length, parameters: draft.parameters, macs: 0 },
    ],
    inputs: indices,
    outputs: [inputs.length],
    arenaBytes: arenaBytes + scratchBytes,
    scratchBytes,
  };
}
