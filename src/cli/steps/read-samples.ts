/** Samples of a data set as the codes that a packaged program takes. */
import { getProfile } from '../../arithmetic/registry.ts';
import type { Dataset } from '../../data/dataset.ts';
import { matchDataset } from '../../data/match-dataset.ts';
import type { Graph } from '../../graph/graph.ts';
import type { IntegerProgram } from '../../graph/integer-program.ts';
import type { Manifest, Port } from '../../package/manifest.ts';
import type { SampleBatch } from '../../simulate/engine.ts';
import { type RealSamples, readCodes } from '../../simulate/read-codes.ts';
import type { LoadedPackage } from './load-package.ts';

export type SampleReader = (start: number, count: number) => Promise<SampleBatch>;

/** The data set with its inputs in the order and shape of the package's. Throws DATASET_MISMATCH where they do not fit. */
export function matchPackage(dataset: Dataset, manifest: Manifest): Dataset {
  return matchDataset(dataset, portGraph(manifest));
}

/** `dataset` is one that `matchPackage` returned. */
export function sampleReader(dataset: Dataset, { program }: LoadedPackage): SampleReader {
  return async (start, count) => {
    const read = (first: number, part: number) => dataset.read(start + first, part);
    return readProgramSamples(program, { samples: count, read });
  };
}

/** All of `reals`, one tensor per input, as the codes that the program takes. */
export async function readProgramSamples(program: IntegerProgram, reals: RealSamples): Promise<SampleBatch> {
  const tensors = program.inputs.map((index) => program.tensors[index]!);
  return readCodes([reals], tensors, getProfile(program.profile).quantizeInput);
}

/** The ports of a package are all that is left of its graph, and all that a data set must fit. */
function portGraph({ model, inputs, outputs }: Manifest): Graph {
  const portValue = ({ name, dtype, shape }: Port) =>
    [name, { name, dtype: dtype === 'int32' ? ('int64' as const) : ('float32' as const), shape }] as const;
  return {
    name: model.name,
    nodes: [],
    values: new Map([...inputs, ...outputs].map(portValue)),
    constants: new Map(),
    inputs: inputs.map(({ name }) => name),
    outputs: outputs.map(({ name }) => name),
  };
}
