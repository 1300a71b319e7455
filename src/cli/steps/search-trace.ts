/** The course of a search, as the manifest keeps it and the report draws it. */
import type { Manifest } from '../../package/manifest.ts';
import type { SearchTrace } from '../../report/report-data.ts';
import type { QuantizationResult } from '../../search/quantize-model.ts';

interface TracePoint {
  readonly phase: string;
  readonly detail: string;
  /** The loss that decides, null where the candidate could not be expressed. */
  readonly loss: number | null;
}

/** What `manifest.quantization` says of the search. */
export function quantizationRecord(result: QuantizationResult): Manifest['quantization'] {
  const points = result.trace.map(({ phase, detail, fit, overall }): TracePoint => {
    const loss = Number.isNaN(overall) ? fit : overall;
    return { phase, detail, loss: Number.isFinite(loss) ? loss : null };
  });
  const { loss, evaluations, warnings, interrupted } = result;
  return { loss, evaluations, warnings, interrupted, trace: points };
}

const objectiveNames: Readonly<Record<string, string>> = {
  kl: 'divergence from the float model (KL)',
  'cross-entropy': 'cross-entropy of the labels',
  'binary-kl': 'divergence from the float model (binary KL)',
  mse: 'squared error over the variance of the float output',
};

/** Null where the package was not made by a search, or by a version that noted something else. */
export function searchTraceOf({ quantization }: Manifest): SearchTrace | null {
  const { trace, loss } = quantization as { trace?: unknown; loss?: { objective?: unknown } };
  if (!Array.isArray(trace) || trace.length === 0) return null;
  const kind = String(loss?.objective);
  return {
    objective: objectiveNames[kind] ?? kind,
    steps: (trace as TracePoint[]).map(({ phase, detail, loss: value }) => ({
      phase,
      detail,
      loss: value ?? Number.NaN,
    })),
  };
}
