/** A small random network for the tests of the simulator: two convolutions, a depthwise one, a pool, a view and a dense layer. */
import { getRule } from '../../../src/arithmetic/registry.ts';
import type { RuleId } from '../../../src/arithmetic/rule.ts';
import { crc32 } from '../../../src/base/bytes.ts';
import { type Random, seededRandom } from '../../../src/base/random.ts';
import type {
  IntegerOperation,
  IntegerProgram,
  ProgramConstant,
  ProgramTensor,
} from '../../../src/graph/integer-program.ts';
import { tensorElements } from '../../../src/graph/integer-program.ts';
import { getOp } from '../../../src/ops/registry.ts';
import type { CodeArray } from '../../../src/simulate/engine.ts';
import { runReference } from '../../../src/simulate/reference-engine.ts';

const profiles: Partial<Record<RuleId, string>> = {
  double: 'cmsis-nn',
  single: 'tflite-single',
  float32: 'onnxruntime',
};

/** Grows a program operation by operation. */
class Builder {
  readonly tensors: ProgramTensor[] = [];
  readonly constants: ProgramConstant[] = [];
  readonly operations: IntegerOperation[] = [];
  readonly random: Random;
  readonly rule: RuleId;
  arenaBytes = 0;

  constructor(random: Random, rule: RuleId) {
    this.random = random;
    this.rule = rule;
  }

  tensor(shape: number[], viewOf?: number): number {
    const arenaOffsetBytes = viewOf === undefined ? this.arenaBytes : this.tensors[viewOf]!.arenaOffsetBytes;
    const zeroPoint = viewOf === undefined ? this.random.integer(-40, 40) : this.tensors[viewOf]!.zeroPoint;
    const tensor: ProgramTensor = {
      ...{ name: `t${this.tensors.length}`, dtype: 'int8', shape, scale: 1, zeroPoint, bits: 8 },
      ...{ qMin: -128, qMax: 127, arenaOffsetBytes },
    };
    this.tensors.push(tensor);
    if (viewOf === undefined) this.arenaBytes += Math.ceil(tensorElements(tensor) / 16) * 16;
    return this.tensors.length - 1;
  }

  constant(packing: ProgramConstant['packing'], data: ProgramConstant['data']): number {
    return this.constants.push({ name: `c${this.constants.length}`, packing, data }) - 1;
  }

  /** Weights, bias and scales of one layer with `taps` products per output. */
  layer(count: number, channels: number, taps: number, weightBits: number): Record<string, number> {
    const top = 2 ** (weightBits - 1);
    const weights = Int8Array.from({ length: count }, () => this.random.integer(-top, top - 1));
    const scales = Array.from({ length: channels }, () =>
      getRule(this.rule).encode(Math.fround((0.5 + this.random.next()) / (Math.sqrt(taps) * top))),
    );
    return {
      weightBits,
      channelStep: 1,
      weights: this.constant(weightBits === 8 ? 'int8' : 'int4', weights),
      bias: this.constant(
        'int32',
        Int32Array.from({ length: channels }, () => this.random.integer(-999, 999)),
      ),
      multiplier: this.constant(
        'int32',
        Int32Array.from(scales, ({ multiplier }) => multiplier),
      ),
      shift: this.constant(
        'int32',
        Int32Array.from(scales, ({ shift }) => shift),
      ),
    };
  }

  operation(kernel: string, inputs: number[], output: number, parameters: Record<string, number>): number {
    const zeroPoints = {
      inputZeroPoint: this.tensors[inputs[0]!]!.zeroPoint,
      outputZeroPoint: this.tensors[output]!.zeroPoint,
      ...{ clampMin: -128, clampMax: 127 },
    };
    this.operations.push({
      ...{ kernel, name: `${kernel} ${this.operations.length}`, rule: this.rule, inputs, output, macs: 0 },
      parameters: { ...zeroPoints, ...parameters },
    });
    return output;
  }
}

function window(
  input: number[],
  output: number[],
  kernel: number,
  stride: number,
  pad: number,
): Record<string, number> {
  return {
    ...{ inputHeight: input[1]!, inputWidth: input[2]!, inputChannels: input[3]! },
    ...{ outputHeight: output[1]!, outputWidth: output[2]!, outputChannels: output[3]! },
    ...{ kernelHeight: kernel, kernelWidth: kernel, strideHeight: stride, strideWidth: stride },
    ...{ dilationHeight: 1, dilationWidth: 1, padTop: pad, padLeft: pad },
  };
}

/** The same seed gives the same network; `change` gives the parameters of one layer (0 to 3) other random values. */
export function sampleProgram(
  seed: number,
  change?: { layer: number; seed: number },
  rule: RuleId = 'double',
): IntegerProgram {
  const random = (layer: number): Random => seededRandom(change?.layer === layer ? change.seed : seed * 16 + layer);
  const builder = new Builder(seededRandom(seed), rule);
  const [channels, middle, size] = [builder.random.integer(1, 9), builder.random.integer(4, 20), 7];
  const input = builder.tensor([1, size, size, channels]);
  const shapes = { first: [1, size, size, middle], second: [1, size, size, 12], third: [1, 4, 4, 12], flat: [1, 192] };
  const conv = builder.tensor(shapes.first);
  const point = builder.tensor(shapes.second);
  const depthwise = builder.tensor(shapes.third);
  const flat = builder.tensor(shapes.flat, depthwise);
  const logits = builder.tensor([1, 10]);
  const using = (layer: number): Builder => Object.assign(builder, { random: random(layer) });
  builder.operation('conv', [input], conv, {
    ...window([1, size, size, channels], shapes.first, 3, 1, 1),
    ...{ groups: 1, ...using(0).layer(9 * channels * middle, middle, 9 * channels, 8) },
  });
  builder.operation('conv', [conv], point, {
    ...window(shapes.first, shapes.second, 1, 1, 0),
    ...{ groups: 1, ...using(1).layer(middle * 12, 12, middle, 4) },
  });
  builder.operation('depthwise-conv', [point], depthwise, {
    ...window(shapes.second, shapes.third, 3, 2, 1),
    ...{ channelMultiplier: 1, ...using(2).layer(9 * 12, 12, 9, 8) },
  });
  builder.operation('fully-connected', [flat], logits, {
    ...{ rows: 1, inputs: 192, outputs: 10, weightZeroPoint: 0, ...using(3).layer(1920, 10, 192, 4) },
  });
  const needed = builder.operations.map(({ kernel, parameters }) => getOp(kernel).scratchBytes?.(parameters) ?? 0);
  const scratchBytes = Math.ceil(Math.max(...needed) / 16) * 16;
  return {
    ...{ profile: profiles[rule] ?? 'cmsis-nn', tensors: builder.tensors, constants: builder.constants },
    ...{ operations: builder.operations, inputs: [input], outputs: [logits] },
    ...{ arenaBytes: builder.arenaBytes + scratchBytes, scratchBytes },
  };
}

export function randomInputs(program: IntegerProgram, samples: number, seed: number): Int8Array<ArrayBuffer>[] {
  const random = seededRandom(seed);
  return program.inputs.map((tensor) =>
    Int8Array.from({ length: samples * tensorElements(program.tensors[tensor]!) }, () => random.integer(-128, 127)),
  );
}

/** What the TypeScript reference computes for a tensor, sample after sample. */
export function referenceCodes(
  program: IntegerProgram,
  inputs: readonly Int8Array[],
  samples: number,
  tensor: number,
): number[] {
  return Array.from({ length: samples }, (_, sample) => {
    let found: CodeArray | undefined;
    const outputs = runReference(
      program,
      inputs.map(
        (data) => data.slice((data.length / samples) * sample, (data.length / samples) * (sample + 1)) as CodeArray,
      ),
      (operation, _index, output) => {
        if (operation.output === tensor) found = output.slice();
      },
    );
    return [...(found ?? outputs[program.outputs.indexOf(tensor)]!)];
  }).flat();
}

/** The program with one byte changed and its checksum made right again. */
export function patched(program: Uint8Array, offset: number, value: number): Uint8Array<ArrayBuffer> {
  const bytes = Uint8Array.from(program);
  bytes[offset] = value;
  new DataView(bytes.buffer).setUint32(12, crc32(bytes.subarray(16)), true);
  return bytes;
}
