/** manifest.json of a package: what is in OUT/, how it was made, and how to feed the program. No timestamps: the same run gives the same bytes. */
import { BitwrightError } from '../base/errors.ts';
import type { IntegerProgram, ProgramTensor } from '../graph/integer-program.ts';

export const manifestSchema = 'bitwright-package/1';

/** How a host turns a real tensor into the program's input, or codes into reals. `shape` is the model's (NCHW), `physicalShape` the program's. */
export interface Port {
  readonly name: string;
  readonly dtype: ProgramTensor['dtype'];
  readonly shape: readonly number[];
  readonly physicalShape: readonly number[];
  readonly scale: number;
  readonly zeroPoint: number;
  readonly qMin: number;
  readonly qMax: number;
  /** What the host applies to the real values of an output because the profile has no exact integer form of it. */
  readonly epilogue: 'softmax' | null;
}

export interface Manifest {
  readonly schema: typeof manifestSchema;
  readonly bitwright: string;
  readonly target: string;
  readonly profile: { readonly id: string; readonly version: number };
  /** What the package was made from; `quantized` where that was quantized already. */
  readonly model: { readonly name: string; readonly sha256: string; readonly quantized?: true };
  /** Everything that decides the bytes: method, bits, seed, samples, overrides. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  readonly memory: {
    readonly arenaBytes: number;
    readonly scratchBytes: number;
    readonly programBytes: number;
    readonly weightBytes: number;
  };
  readonly macs: number;
  readonly operations: readonly { readonly name: string; readonly kernel: string; readonly macs: number }[];
  readonly quantization: Readonly<Record<string, unknown>>;
  /** Whether model.onnx computes the same codes as program.bin in ONNX Runtime. */
  readonly onnxBitExact: boolean;
  readonly files: Readonly<Record<string, { readonly bytes: number; readonly sha256: string }>>;
  readonly environment: Readonly<Record<string, string>>;
}

export function makePort(tensor: ProgramTensor, shape: readonly number[], epilogue: Port['epilogue']): Port {
  const { name, dtype, scale, zeroPoint, qMin, qMax } = tensor;
  return { name, dtype, shape, physicalShape: tensor.shape, scale, zeroPoint, qMin, qMax, epilogue };
}

/** Bytes of the packed weights: what the program needs beyond its records, biases and multipliers. */
export function weightBytesOf(program: IntegerProgram): number {
  const bits = { int2: 2, int4: 4, int8: 8, int16: 16, int32: 32, int64: 64 } as const;
  const weights = new Set(
    program.operations.flatMap(({ parameters }) =>
      parameters.weightBits === undefined ? [] : [parameters.weights ?? parameters.table ?? -1],
    ),
  );
  return [...weights]
    .filter((index) => index >= 0)
    .reduce((sum, index) => {
      const { packing, data } = program.constants[index]!;
      return sum + Math.ceil((data.length * bits[packing]) / 8);
    }, 0);
}

/** Reads manifest.json; ARTIFACT_INVALID where it is no manifest of this version. */
export function parseManifest(text: string, where: string): Manifest {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new BitwrightError(
      'ARTIFACT_INVALID',
      { message: 'is no JSON', where, next: 'Make the package again with `bitwright quantize`.' },
      { cause: error },
    );
  }
  const schema = typeof value === 'object' && value !== null ? (value as { schema?: unknown }).schema : undefined;
  if (schema !== manifestSchema) {
    throw new BitwrightError('ARTIFACT_INVALID', {
      message: 'is no package manifest of this version',
      where,
      seen: String(schema),
      allowed: manifestSchema,
      next: 'Make the package again with `bitwright quantize`.',
    });
  }
  return checkManifest(value as Manifest, where);
}

function checkManifest(manifest: Manifest, where: string): Manifest {
  const objects = ['profile', 'model', 'options', 'memory', 'quantization', 'files', 'environment'] as const;
  const arrays = ['inputs', 'outputs', 'operations'] as const;
  const wrong = [
    ...objects.filter((key) => typeof manifest[key] !== 'object' || manifest[key] === null),
    ...arrays.filter((key) => !Array.isArray(manifest[key])),
  ];
  if (wrong.length > 0) {
    throw new BitwrightError(
      'ARTIFACT_INVALID',
      wrong.map((key) => ({ message: `the field ${key} is missing or of the wrong kind`, where })),
    );
  }
  return manifest;
}
