/** Everything of OUT/ as bytes by file name; the command line writes it. The manifest comes last and carries the hash of every other file. */
import type { NumericProfile } from '../arithmetic/profile.ts';
import { crc32 } from '../base/bytes.ts';
import { writeNpz } from '../base/npz.ts';
import { sha256Hex } from '../base/sha256.ts';
import type { Tensor } from '../base/tensor.ts';
import type { Graph } from '../graph/graph.ts';
import type { IntegerProgram, ProgramTensor } from '../graph/integer-program.ts';
import type { QuantizationPlan } from '../graph/quantization-plan.ts';
import { proveAccumulators } from '../lower/accumulator-proof.ts';
import { cutEpilogue } from '../lower/epilogue.ts';
import { exportC } from './export-c.ts';
import { type Manifest, makePort, manifestSchema, weightBytesOf } from './manifest.ts';
import { pack } from './pack.ts';
import { makeTables, tablesCsv } from './tables.ts';

type Codes = Int8Array<ArrayBuffer> | Int16Array<ArrayBuffer> | Int32Array<ArrayBuffer>;

/** A few samples with the codes that every execution must give back. */
export interface Golden {
  readonly samples: number;
  /** One array per program input and output: sample after sample, physical layout. */
  readonly inputs: readonly Codes[];
  readonly outputs: readonly Codes[];
  /** Codes of each operation's output for the first sample, in execution order. */
  readonly operations: readonly Codes[];
}

export interface PackageSource {
  readonly version: string;
  readonly graph: Graph;
  readonly plan: QuantizationPlan;
  readonly program: IntegerProgram;
  readonly profile: NumericProfile;
  readonly target: string;
  readonly model: Manifest['model'];
  readonly options: Manifest['options'];
  readonly quantization: Manifest['quantization'];
  readonly environment: Manifest['environment'];
  readonly golden: Golden;
  /** The quantized model for ONNX Runtime, and whether it computes the same codes; null where it cannot be expressed. */
  readonly onnx: { readonly bytes: Uint8Array<ArrayBuffer>; readonly bitExact: boolean } | null;
}

export type PackageFiles = ReadonlyMap<string, Uint8Array<ArrayBuffer>>;

export async function buildPackage(source: PackageSource): Promise<PackageFiles> {
  const { program, plan, graph } = source;
  const text = (content: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(content);
  const json = (value: unknown): Uint8Array<ArrayBuffer> => text(`${JSON.stringify(value, null, 2)}\n`);
  const bytes = pack(program);
  const tables = makeTables(program, plan, graph, proveAccumulators(program, source.profile));
  const c = exportC(program, bytes);
  const files = new Map<string, Uint8Array<ArrayBuffer>>([
    ['program.bin', bytes],
    ['tables.json', json(tables)],
    ['tables.csv', text(tablesCsv(tables))],
    ['model.h', text(c.header)],
    ['model.c', text(c.source)],
    ['golden.npz', writeNpz(goldenEntries(source))],
  ]);
  if (source.onnx !== null) files.set('model.onnx', source.onnx.bytes);
  files.set('manifest.json', json(await makeManifest(source, bytes.length, files)));
  return files;
}

async function makeManifest(source: PackageSource, programBytes: number, files: PackageFiles): Promise<Manifest> {
  const { program, graph, profile } = source;
  const { softmaxOf } = cutEpilogue(graph, profile);
  const port = (index: number): Manifest['inputs'][number] => {
    const tensor = program.tensors[index]!;
    return makePort(
      tensor,
      graph.values.get(tensor.name)?.shape ?? tensor.shape,
      softmaxOf.has(tensor.name) ? 'softmax' : null,
    );
  };
  const hashes: Record<string, { bytes: number; sha256: string }> = {};
  for (const [name, content] of files) hashes[name] = { bytes: content.length, sha256: await sha256Hex(content) };
  return {
    schema: manifestSchema,
    bitwright: source.version,
    target: source.target,
    profile: { id: profile.id, version: profile.version },
    model: source.model,
    options: source.options,
    inputs: program.inputs.map(port),
    outputs: program.outputs.map(port),
    memory: {
      arenaBytes: program.arenaBytes,
      scratchBytes: program.scratchBytes,
      programBytes,
      weightBytes: weightBytesOf(program),
    },
    macs: program.operations.reduce((sum, operation) => sum + operation.macs, 0),
    operations: program.operations.map(({ name, kernel, macs }) => ({ name, kernel, macs })),
    quantization: source.quantization,
    onnxBitExact: source.onnx?.bitExact ?? false,
    files: hashes,
    environment: source.environment,
  };
}

function goldenEntries({ program, golden }: PackageSource): Map<string, Tensor> {
  const batch = (tensor: ProgramTensor, data: Codes) => ({
    dtype: tensor.dtype,
    shape: [golden.samples, ...tensor.shape.slice(1)],
    data,
  });
  const checksums = Uint32Array.from(golden.operations, (codes) =>
    crc32(new Uint8Array(codes.buffer, codes.byteOffset, codes.byteLength)),
  );
  return new Map<string, Tensor>([
    ...program.inputs.map(
      (index, port) => [`input${port}`, batch(program.tensors[index]!, golden.inputs[port]!)] as const,
    ),
    ...program.outputs.map(
      (index, port) => [`output${port}`, batch(program.tensors[index]!, golden.outputs[port]!)] as const,
    ),
    ['operation_crc32', { dtype: 'uint32' as const, shape: [checksums.length], data: checksums }] as const,
  ]);
}
