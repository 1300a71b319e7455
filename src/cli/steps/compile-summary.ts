/** What `compile` says when it is done: one document, as JSON or as text. */
import type { Target } from '../../arithmetic/target.ts';
import { formatBytes, formatCount, formatSeconds, formatShare } from '../../report/format.ts';
import { textFacts } from '../../report/text-table.ts';
import type { CompiledPackage } from './compile-package.ts';
import type { QuantizedModel } from './load-model.ts';

export type CompileSummary = ReturnType<typeof compileSummary>;

export function compileSummary(
  { files, program, plan, golden, requantized, accuracy }: CompiledPackage,
  { name, sha256 }: QuantizedModel,
  target: Target,
  written: readonly string[],
  seconds: number,
) {
  return {
    schemaVersion: 1,
    model: { name, sha256 },
    target: target.id,
    profile: program.profile,
    operations: program.operations.length,
    /** How many weight tensors and activations have each width. */
    bits: { weights: countBits(plan.weights), activations: countBits(plan.activations) },
    requantized,
    golden,
    accuracy,
    memory: { programBytes: files.get('program.bin')!.length, arenaBytes: program.arenaBytes },
    seconds,
    files: written,
  };
}

function countBits(entries: ReadonlyMap<string, { readonly bits: number }>): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { bits } of entries.values()) counts[bits] = (counts[bits] ?? 0) + 1;
  return counts;
}

export function compileText(summary: CompileSummary, folder: string): string {
  const { accuracy, bits, golden, memory } = summary;
  const widths = (counts: Readonly<Record<string, number>>): string =>
    Object.entries(counts)
      .map(([width, count]) => `${formatCount(count)} of ${width} bits`)
      .join(', ');
  const facts: [string, string][] = [
    ['model', `${summary.model.name}, quantized already`],
    ['target', `${summary.target} (${summary.profile})`],
    ['operations', formatCount(summary.operations)],
    ['weight tensors', widths(bits.weights)],
    ['activations', widths(bits.activations)],
    ['golden samples', golden.source === 'data' ? 'from the data' : `random codes, seed ${golden.seed}`],
  ];
  if (accuracy.quantized !== null) {
    facts.push(
      [`ONNX Runtime ${accuracy.metric}`, `${formatShare(accuracy.float)} (${formatCount(golden.samples)} samples)`],
      [`compiled ${accuracy.metric}`, `${formatShare(accuracy.quantized)} (the same)`],
    );
  }
  facts.push(
    ['program', formatBytes(memory.programBytes)],
    ['arena', formatBytes(memory.arenaBytes)],
    ['took', formatSeconds(summary.seconds)],
    ['package', folder],
  );
  return textFacts(facts);
}
