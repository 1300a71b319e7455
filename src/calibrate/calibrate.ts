/**
 * The float passes over the calibration set. The first finds the range and channel means of every value, the second fills
 * histograms of exactly that range, so that no bin is ever rescaled. Statistics are of the rewritten graph, whose values are
 * what the integer program will hold.
 */
import { BitwrightError } from '../base/errors.ts';
import { elementCount, type FloatTensor, type Tensor } from '../base/tensor.ts';
import type { Dataset } from '../data/dataset.ts';
import { matchDataset } from '../data/match-dataset.ts';
import { consumersOf, type Graph, producerOf } from '../graph/graph.ts';
import { createFloatEngine, type FloatEngine } from './float-engine.ts';
import { histogramBins, type RangeGatherer, rangeGatherer, tallyInto } from './gather.ts';
import { joinBatches } from './run-float-model.ts';
import type { Histogram, Statistics, ValueStatistics } from './statistics.ts';

export interface CalibrateOptions {
  /** Samples to use from the beginning of the set; default 512, or all if fewer. */
  readonly samples?: number;
  /** Samples per float run; default: 16, fewer where their values would take much memory. */
  readonly batch?: number;
  readonly threads?: number;
  /** Called after every batch with samples done of both passes together. */
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

const samplesMin = 2;
const samplesDefault = 512;

/**
 * Statistics of every float value of a graph. Index values (int64) have none. Throws CALIBRATION_FAILED for too few samples
 * or for NaN and infinity, naming the value; DATASET_MISMATCH where the data do not fit the graph.
 */
export async function calibrate(graph: Graph, dataset: Dataset, options: CalibrateOptions = {}): Promise<Statistics> {
  const matched = matchDataset(dataset, graph);
  const samples = Math.min(options.samples ?? samplesDefault, matched.samples);
  if (samples < samplesMin) {
    throw new BitwrightError('CALIBRATION_FAILED', {
      message: 'too few calibration samples',
      where: dataset.source,
      seen: samples,
      allowed: `${samplesMin} and more, better 100 to 500`,
      next: 'Give a larger data set.',
    });
  }
  const names = [...graph.values.values()].filter((value) => value.dtype === 'float32').map((value) => value.name);
  const engine = await createFloatEngine(graph, {
    outputs: names.filter((name) => !graph.inputs.includes(name)),
    ...(options.threads === undefined ? {} : { threads: options.threads }),
  });
  try {
    const pass = createPass(engine, matched, samples, graph, options);
    const kept = valuesKeptWhole(graph);
    const { gatherers, outputs } = await findRanges(pass, graph, names, kept);
    return { samples, values: await fillHistograms(pass, gatherers), outputs };
  } finally {
    await engine.close();
  }
}

/** Float values of one batch are at most this, where a single sample is not more. It does not depend on a budget: results must not either. */
const batchBytesMax = 64 * 2 ** 20;
const batchMax = 16;

function valueBytes(graph: Graph): number {
  const floats = [...graph.values.values()].filter((value) => value.dtype === 'float32');
  return floats.reduce((sum, { shape }) => sum + 4 * elementCount(shape), 0);
}

function batchOf(graph: Graph): number {
  return Math.max(1, Math.min(batchMax, Math.floor(batchBytesMax / valueBytes(graph))));
}

/** The most that a calibration holds at once: the values of a batch, as the float engine has them and as they are read, old and new. */
export function calibrationBytes(graph: Graph): number {
  return 4 * batchOf(graph) * valueBytes(graph);
}

/** Values of `Statistics.outputs`: the graph's outputs, and the input of a softmax or arg-max that makes one of them. */
export function valuesKeptWhole(graph: Graph): Set<string> {
  const producers = graph.outputs.map((name) => producerOf(graph, name));
  const logits = producers.flatMap((node) =>
    node?.op === 'softmax' || node?.op === 'arg-max' ? [node.inputs[0]!] : [],
  );
  return new Set([...graph.outputs, ...logits]);
}

type Pass = (index: 0 | 1, use: (values: ReadonlyMap<string, FloatTensor>) => void) => Promise<void>;

/** One run over the samples; `use` is given the graph's inputs and all computed values of each batch. */
function createPass(
  engine: FloatEngine,
  dataset: Dataset,
  samples: number,
  graph: Graph,
  options: CalibrateOptions,
): Pass {
  const batch = options.batch ?? batchOf(graph);
  return async (index, use) => {
    for (let done = 0; done < samples; done += batch) {
      options.signal?.throwIfAborted();
      const inputs = await dataset.read(done, Math.min(batch, samples - done));
      const values = await engine.run(engine.inputs.map((input) => inputs[graph.inputs.indexOf(input.name)]!));
      for (const [at, name] of graph.inputs.entries()) values.set(name, inputs[at]!);
      use(values as ReadonlyMap<string, FloatTensor>);
      options.onProgress?.(index * samples + Math.min(done + batch, samples), 2 * samples);
    }
  };
}

/** A dense layer's inputs are rows: their channels are last. Everything else has them on axis 1. */
function channelAxis(graph: Graph, name: string): number {
  const readers = consumersOf(graph, name);
  const rows = readers.length > 0 && readers.every(({ op }) => op === 'fully-connected');
  return rows ? graph.values.get(name)!.shape.length - 1 : 1;
}

async function findRanges(pass: Pass, graph: Graph, names: readonly string[], kept: ReadonlySet<string>) {
  const gatherers = new Map<string, RangeGatherer>();
  const parts = new Map<string, Tensor[]>();
  await pass(0, (values) => {
    for (const name of names) {
      const tensor = values.get(name)!;
      const axis = channelAxis(graph, name);
      const gatherer = gatherers.get(name) ?? rangeGatherer(tensor.shape[axis] ?? 1, axis);
      gatherers.set(name, gatherer);
      gatherer.add(tensor);
      if (kept.has(name)) parts.set(name, [...(parts.get(name) ?? []), tensor]);
    }
    refuseNonFinite(gatherers);
  });
  const outputs = new Map([...parts].map(([name, list]) => [name, joinBatches(list) as FloatTensor]));
  return { gatherers, outputs };
}

function refuseNonFinite(gatherers: ReadonlyMap<string, RangeGatherer>): void {
  const bad = [...gatherers].filter(([, gatherer]) => !Number.isFinite(gatherer.min) || !Number.isFinite(gatherer.max));
  if (bad.length === 0) return;
  throw new BitwrightError('CALIBRATION_FAILED', {
    message: 'a value is NaN or infinite on the calibration data',
    where: `value ${bad[0]![0]}${bad.length > 1 ? ` and ${bad.length - 1} after it` : ''}`,
    seen: `${bad[0]![1].min} to ${bad[0]![1].max}`,
    next: 'Check the preprocessing of the data set, and that the float model runs on it.',
  });
}

async function fillHistograms(
  pass: Pass,
  gatherers: ReadonlyMap<string, RangeGatherer>,
): Promise<Map<string, ValueStatistics>> {
  const histograms = new Map([...gatherers].map(([name, { min, max }]) => [name, emptyHistogram(min, max)]));
  await pass(1, (values) => {
    for (const [name, histogram] of histograms) tallyInto(histogram, values.get(name)!.data);
  });
  return new Map(
    [...gatherers].map(([name, gatherer]) => {
      const { min, max } = gatherer;
      const channels = {
        channelMean: gatherer.channelMean(),
        channelMeanSquare: gatherer.channelMeanSquare(),
        channelMax: gatherer.channelMax(),
      };
      return [name, { min, max, histogram: histograms.get(name)!, ...channels }];
    }),
  );
}

/** A constant value still gets bins of some width, so that no division by zero follows. */
function emptyHistogram(min: number, max: number): Histogram {
  const binWidth = max > min ? (max - min) / histogramBins : Math.max(Math.abs(min), 1) / histogramBins;
  return { lowest: min, binWidth, counts: new Float64Array(histogramBins) };
}
