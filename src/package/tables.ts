/** The per-tensor scale and zero tables: what a firmware engineer needs to read or re-implement the program, as JSON and CSV. */
import { getRule } from '../arithmetic/registry.ts';
import type { Graph } from '../graph/graph.ts';
import type { IntegerOperation, IntegerProgram } from '../graph/integer-program.ts';
import type { QuantizationPlan } from '../graph/quantization-plan.ts';
import type { AccumulatorProof } from '../lower/accumulator-proof.ts';

export interface ActivationRow {
  readonly kind: 'activation';
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly bits: number;
  readonly scale: number;
  readonly zeroPoint: number;
  readonly qMin: number;
  readonly qMax: number;
  readonly arenaOffsetBytes: number;
}

export interface WeightRow {
  readonly kind: 'weights';
  /** Node name. */
  readonly name: string;
  readonly kernel: string;
  readonly elements: number;
  readonly bits: number;
  /** Output channel axis of the OHWI weights, or null with one scale. */
  readonly axis: 0 | null;
  readonly scales: readonly number[];
  readonly zeroPoint: 0;
  /** Per channel or one: the words that the kernel reads, and the real scale that they stand for. */
  readonly multiplier: readonly number[];
  readonly shift: readonly number[];
  readonly effectiveScale: readonly number[];
  /** What the accumulator of the widest-reaching channel can hold, whatever the input, and the signed bits that it needs and has; null where nothing accumulates. */
  readonly accumulator: Omit<AccumulatorProof, 'name' | 'operation'> | null;
}

export interface Tables {
  readonly schema: 'bitwright-tables/1';
  readonly profile: string;
  readonly activations: readonly ActivationRow[];
  readonly weights: readonly WeightRow[];
}

export function makeTables(
  program: IntegerProgram,
  plan: QuantizationPlan,
  graph: Graph,
  proofs: readonly AccumulatorProof[],
): Tables {
  const activations = program.tensors.map(
    ({ name, dtype, shape, bits, scale, zeroPoint, qMin, qMax, arenaOffsetBytes }): ActivationRow => ({
      kind: 'activation',
      name,
      dtype,
      shape,
      bits,
      scale,
      zeroPoint,
      qMin,
      qMax,
      arenaOffsetBytes,
    }),
  );
  const weights = graph.nodes.flatMap((node) => {
    const entry = plan.weights.get(node.name);
    const operation = program.operations.find(
      (candidate) => candidate.name === node.name && 'weightBits' in candidate.parameters,
    );
    if (entry === undefined || operation === undefined) return [];
    const multiplier = constantOf(program, operation, 'multiplier');
    const shift = constantOf(program, operation, 'shift');
    const rule = getRule(operation.rule);
    const proof = proofs.find(({ name }) => name === node.name);
    const row: WeightRow = {
      kind: 'weights',
      name: node.name,
      kernel: operation.kernel,
      elements: entry.codes.length,
      bits: entry.bits,
      axis: entry.perChannel ? 0 : null,
      scales: [...entry.scales],
      zeroPoint: 0,
      multiplier,
      shift,
      effectiveScale: multiplier.map((value, index) => rule.decode({ multiplier: value, shift: shift[index] ?? 0 })),
      accumulator: proof === undefined ? null : reachOf(proof),
    };
    return [row];
  });
  return { schema: 'bitwright-tables/1', profile: program.profile, activations, weights };
}

function reachOf({
  channel,
  minimum,
  maximum,
  neededBits,
  availableBits,
  holds,
}: AccumulatorProof): WeightRow['accumulator'] {
  return { channel, minimum, maximum, neededBits, availableBits, holds };
}

function constantOf(program: IntegerProgram, operation: IntegerOperation, parameter: string): number[] {
  const index = operation.parameters[parameter];
  return index === undefined || index < 0 ? [] : Array.from(program.constants[index]!.data as Int32Array);
}

/** One line per activation and per weight channel; RFC 4180. */
export function tablesCsv(tables: Tables): string {
  const header = 'kind,name,channel,dtype,bits,scale,zeroPoint,qMin,qMax,multiplier,shift,arenaOffsetBytes';
  const activations = tables.activations.map((row) =>
    [
      'activation',
      quote(row.name),
      '',
      row.dtype,
      row.bits,
      row.scale,
      row.zeroPoint,
      row.qMin,
      row.qMax,
      '',
      '',
      row.arenaOffsetBytes,
    ].join(','),
  );
  const weights = tables.weights.flatMap((row) =>
    row.multiplier.map((multiplier, channel) => {
      const scale = row.scales[row.scales.length === 1 ? 0 : channel];
      return [
        'weights',
        quote(row.name),
        channel,
        `int${row.bits}`,
        row.bits,
        scale,
        0,
        '',
        '',
        multiplier,
        row.shift[channel] ?? '',
        '',
      ].join(',');
    }),
  );
  return `${[header, ...activations, ...weights].join('\r\n')}\r\n`;
}

function quote(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
