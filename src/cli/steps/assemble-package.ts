/**
 * The end of every job that makes a package: lower graph and plan, prove the accumulators, run golden samples, and gather every file.
 * Nothing is written here.
 */
import { pairSumMax } from '../../arithmetic/pair-saturation.ts';
import type { Target } from '../../arithmetic/target.ts';
import { BitwrightError } from '../../base/errors.ts';
import type { Graph } from '../../graph/graph.ts';
import type { IntegerProgram } from '../../graph/integer-program.ts';
import type { QuantizationPlan } from '../../graph/quantization-plan.ts';
import { proveAccumulators, requireProofs } from '../../lower/accumulator-proof.ts';
import { lower } from '../../lower/lower.ts';
import { findPairHazards } from '../../ops/common/pair-hazards.ts';
import { buildPackage, type Golden, type PackageFiles, type PackageSource } from '../../package/build-package.ts';
import type { Manifest } from '../../package/manifest.ts';
import { exportOnnx, isOnnxExact } from '../../package/onnx-export.ts';
import { pack } from '../../package/pack.ts';
import type { CodeArray, SampleBatch, SimulationPool } from '../../simulate/engine.ts';
import { sampleOf } from '../../validate/validate.ts';
import type { CliContext } from '../context.ts';
import { packageVersion } from '../version.ts';
import { requireMemory, targetProfile } from './target-profile.ts';

export interface PackageParts extends Pick<Manifest, 'model' | 'options' | 'quantization'> {
  readonly target: Target;
  readonly graph: Graph;
  readonly plan: QuantizationPlan;
  /** What is run once: all of its outputs are returned, the first samples become the golden ones. */
  readonly samplesOf: (program: IntegerProgram) => Promise<SampleBatch>;
}

export interface AssembledPackage {
  readonly files: PackageFiles;
  readonly program: IntegerProgram;
  /** One array per program output over all samples. */
  readonly outputs: readonly CodeArray[];
}

/** Samples that travel in golden.npz. */
export const goldenSamples = 4;

/** Throws ACCUMULATOR_OVERFLOW, TARGET_LIMIT or PROFILE_UNSUPPORTED where the target cannot hold or compute the program. */
export async function assemblePackage(
  context: CliContext,
  { target, graph, plan, samplesOf, model, options, quantization }: PackageParts,
  pool: SimulationPool,
): Promise<AssembledPackage> {
  const profile = targetProfile(target);
  const program = lower(graph, plan, profile);
  requireProofs(proveAccumulators(program, profile), profile);
  warnOfPairHazards(context, program);
  const bytes = pack(program);
  requireMemory(target, program, bytes.length);
  const batch = await samplesOf(program);
  await pool.setInputs(batch);
  const outputs = await pool.run(bytes);
  const files = await buildPackage({
    version: packageVersion(),
    graph,
    plan,
    program,
    profile,
    target: target.id,
    model,
    options,
    quantization,
    environment: { node: process.version },
    golden: await goldenOf(program, bytes, batch, outputs, pool),
    onnx: onnxOf(context, graph, plan, program),
  });
  return { files, program, outputs };
}

/** The exported model feeds int8, which is exact everywhere; a conversion of it to uint8 would not be on every x86. */
function warnOfPairHazards(context: CliContext, program: IntegerProgram): void {
  const hazards = findPairHazards(program);
  if (hazards.length === 0) return;
  const worst = hazards.reduce((most, hazard) => (hazard.pairSum > most.pairSum ? hazard : most));
  context.warn(
    `note: with uint8 activations, ${hazards.length} layers could saturate on x86 with AVX2 and no VNNI (worst: ${worst.name}, channel ${worst.channel}, ` +
      `weight pair ${worst.pairSum}, allowed ${pairSumMax}). model.onnx feeds int8, which is exact; --target onnxruntime-u8 bounds the weights.`,
  );
}

async function goldenOf(
  program: IntegerProgram,
  bytes: Uint8Array,
  batch: SampleBatch,
  outputs: readonly CodeArray[],
  pool: SimulationPool,
): Promise<Golden> {
  const samples = Math.min(goldenSamples, batch.samples);
  const head = (codes: CodeArray): CodeArray => codes.slice(0, (codes.length / batch.samples) * samples);
  const tensors = program.operations.map(({ output }) => output);
  await pool.setInputs({ samples: 1, inputs: batch.inputs.map((codes) => sampleOf(codes, 0, batch.samples)) });
  const operations = await pool.run(bytes, { tensors });
  return { samples, inputs: batch.inputs.map(head), outputs: outputs.map(head), operations };
}

/** Null, with the reason as a line, where ONNX Runtime has no integer form of an operation. */
function onnxOf(
  context: CliContext,
  graph: Graph,
  plan: QuantizationPlan,
  program: IntegerProgram,
): PackageSource['onnx'] {
  try {
    return { bytes: exportOnnx(graph, plan, program), bitExact: isOnnxExact(program.profile) };
  } catch (error) {
    if (!(error instanceof BitwrightError) || error.code !== 'PROFILE_UNSUPPORTED') throw error;
    context.log(`No model.onnx: ${error.message}`);
    return null;
  }
}
