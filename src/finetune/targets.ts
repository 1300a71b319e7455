/** What a batch is trained towards: labels as smoothed probabilities, and the float model's logits. */
import { BitwrightError } from '../base/errors.ts';
import { type FloatTensor, floatTensor } from '../base/tensor.ts';

/** Rows of probabilities: 1 - smoothing at the label, the rest spread over all classes. */
export function labelTargets(labels: Int32Array, chosen: Int32Array, classes: number, smoothing: number): FloatTensor {
  const target = floatTensor([chosen.length, classes]);
  target.data.fill(smoothing / classes);
  chosen.forEach((sample, row) => {
    target.data[row * classes + labels[sample]!]! += 1 - smoothing;
  });
  return target;
}

/** Throws DATASET_INVALID where labels are missing or name no class. */
export function checkLabels(labels: Int32Array | null, classes: number, source: string): Int32Array {
  if (labels === null) {
    throw new BitwrightError('DATASET_INVALID', {
      message: 'training with labels needs labels',
      where: source,
      next: 'Give labels in the manifest, or distil from the float model only.',
    });
  }
  const wrong = labels.findIndex((label) => label < 0 || label >= classes);
  if (wrong >= 0) {
    throw new BitwrightError('DATASET_INVALID', {
      message: 'a label names no class of the model',
      where: `${source}: label of sample ${wrong}`,
      seen: labels[wrong]!,
      allowed: `0 to ${classes - 1}`,
    });
  }
  return labels;
}
