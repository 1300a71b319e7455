/** Accuracy of the float model that a package was made from, over the same samples as the device's. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { sha256Hex } from '../../base/sha256.ts';
import { runFloatModel } from '../../calibrate/run-float-model.ts';
import type { Dataset } from '../../data/dataset.ts';
import { accuracyOf } from '../../validate/metrics.ts';
import type { CliContext } from '../context.ts';
import type { LoadedPackage } from './load-package.ts';
import { readUserFile } from './read-file.ts';

/** Where `quantize` notes the model's place relative to OUT/, so that validation finds it without being told. */
export const modelPathOption = 'modelPath';

/**
 * Top-1 or hit rate of the float model on samples [0, samples), or null where the set has no metric or the model is not at hand. A file
 * that is not the model of the package is never used.
 */
export async function floatAccuracy(
  context: CliContext,
  loaded: LoadedPackage,
  dataset: Dataset,
  samples: number,
  modelPath: string | undefined,
): Promise<number | null> {
  if (accuracyNeedsNothing(dataset)) return null;
  const bytes = modelPath === undefined ? await notedModel(loaded) : await readUserFile(modelPath, 'Check --model.');
  if (bytes === null) {
    context.log(
      'The float model is not where it was when the package was made; --model names it. Its accuracy is left out.',
    );
    return null;
  }
  if ((await sha256Hex(bytes)) !== loaded.manifest.model.sha256) {
    context.warn('The float model is not the one that the package was made from. Its accuracy is left out.');
    return null;
  }
  const progress = context.progress('run the float model', 'samples');
  const [scores] = await runFloatModel(bytes, dataset, {
    count: samples,
    onProgress: progress.update,
    signal: context.signal,
  });
  progress.finish();
  return accuracyOf(scores!.data as Float32Array, dataset, samples);
}

function accuracyNeedsNothing({ metric, labels, ranking }: Dataset): boolean {
  return metric === 'none' || (labels === null && ranking === null);
}

async function notedModel({ folder, manifest }: LoadedPackage): Promise<Uint8Array<ArrayBuffer> | null> {
  const noted = manifest.options[modelPathOption];
  if (typeof noted !== 'string') return null;
  return readFile(resolve(folder, noted)).then(
    (bytes) => new Uint8Array(bytes),
    () => null,
  );
}
