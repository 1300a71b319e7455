/** Accuracy, in ONNX Runtime, of the model that a package was made from, over the same samples as the device's. */
import { existsSync } from 'node:fs';
import { relative, resolve, sep } from 'node:path';
import { sha256Hex } from '../../base/sha256.ts';
import { runFloatModel } from '../../calibrate/run-float-model.ts';
import type { Dataset } from '../../data/dataset.ts';
import { takesCodes } from '../../onnx/graph-inputs.ts';
import { accuracyOf } from '../../validate/metrics.ts';
import type { CliContext } from '../context.ts';
import { withExternalData } from './load-model.ts';
import type { LoadedPackage } from './load-package.ts';
import { readUserFile } from './read-file.ts';

/** Where `quantize` and `compile` note the model's place relative to OUT/, so that validation finds it without being told. */
export const modelPathOption = 'modelPath';

/** From OUT/ to the model with forward slashes, so that the manifest is the same on every system. */
export function notedPath(folder: string, model: string): Readonly<Record<string, string>> {
  return { [modelPathOption]: relative(resolve(folder), resolve(model)).split(sep).join('/') };
}

/**
 * Top-1 or hit rate on samples [0, samples), or null where the set has no metric or the model is not at hand. A file that is not the
 * model of the package is never used.
 */
export async function floatAccuracy(
  context: CliContext,
  loaded: LoadedPackage,
  dataset: Dataset,
  samples: number,
  modelPath: string | undefined,
): Promise<number | null> {
  if (accuracyNeedsNothing(dataset)) return null;
  const path = modelPath ?? foundModel(loaded);
  if (path === null) {
    context.log('The model is not where it was when the package was made; --model names it. Its accuracy is left out.');
    return null;
  }
  const file = await readUserFile(path, 'Check --model.');
  if ((await sha256Hex(file)) !== loaded.manifest.model.sha256) {
    context.warn('The model is not the one that the package was made from. Its accuracy is left out.');
    return null;
  }
  return modelAccuracy(context, withExternalData(path, file), dataset, samples);
}

/** The same of a model at hand; null where it takes codes and no reals. */
export async function modelAccuracy(
  context: CliContext,
  bytes: Uint8Array,
  dataset: Dataset,
  samples: number,
): Promise<number | null> {
  if (accuracyNeedsNothing(dataset)) return null;
  if (takesCodes(bytes)) {
    context.log('The model takes codes, which the data set does not hold. Its accuracy is left out.');
    return null;
  }
  const progress = context.progress('run the model in ONNX Runtime', 'samples');
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

function foundModel({ folder, manifest }: LoadedPackage): string | null {
  const noted = manifest.options[modelPathOption];
  if (typeof noted !== 'string') return null;
  const path = resolve(folder, noted);
  return existsSync(path) ? path : null;
}
