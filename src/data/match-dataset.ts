/** Fits a data set to a graph: inputs in the graph's order and shape, labels among its classes, or DATASET_MISMATCH saying what does not fit. */
import { BitwrightError, type Issue } from '../base/errors.ts';
import { elementCount, type Shape } from '../base/tensor.ts';
import type { Graph, Value } from '../graph/graph.ts';
import type { Dataset } from './dataset.ts';

/**
 * Returns the data set with its inputs named and ordered as the graph's and shaped as they are without the batch axis. Axes of
 * size 1 may differ (a [49,10] sample fits a [1,49,10] input); int64 indices serve int32 inputs too.
 */
export function matchDataset(dataset: Dataset, graph: Graph): Dataset {
  const issues: Issue[] = [];
  const order = graph.inputs.map((name) => inputFor(dataset, graph, name, issues));
  const used = new Set(order);
  dataset.inputs.forEach((input, index) => {
    if (!used.has(index))
      issues.push({
        message: 'the model has no such input',
        where: `${dataset.source}: input ${input.name ?? index}`,
        allowed: graph.inputs.join(', '),
      });
  });
  issues.push(...labelsBeyondClasses(dataset, graph));
  if (issues.length > 0) throw new BitwrightError('DATASET_MISMATCH', issues);
  const values = graph.inputs.map((name) => graph.values.get(name)!);
  const shapes = values.map((value) => value.shape.slice(1));
  return {
    ...dataset,
    inputs: values.map((value, index) => ({
      name: value.name,
      sampleShape: shapes[index]!,
      dtype: dataset.inputs[order[index]!]!.dtype,
    })),
    read: async (start, count) => {
      const tensors = await dataset.read(start, count);
      return order.map((from, index) => ({ ...tensors[from]!, shape: [count, ...shapes[index]!] }));
    },
  };
}

/** Index of the data set's input that feeds a graph input; -1 with an issue where there is none. */
function inputFor(dataset: Dataset, graph: Graph, name: string, issues: Issue[]): number {
  const only = graph.inputs.length === 1 && dataset.inputs.length === 1;
  const at = dataset.inputs.findIndex(
    (input, index) => input.name === name || (input.name === null && (only || graph.inputs[index] === name)),
  );
  const where = `${dataset.source}: input ${name}`;
  if (at < 0) {
    issues.push({
      message: 'the data set does not have this input of the model',
      where,
      seen: dataset.inputs.map((input) => input.name ?? '(no name)').join(', '),
      next: 'Name the inputs in the manifest.',
    });
    return -1;
  }
  const value = graph.values.get(name)!;
  const { sampleShape, dtype } = dataset.inputs[at]!;
  if (!fits(sampleShape, value.shape.slice(1))) {
    issues.push({
      message: 'samples do not have the shape of the model input',
      where,
      seen: `[${sampleShape.join(',')}]`,
      allowed: `[${value.shape.slice(1).join(',')}]`,
      next: 'Check "layout", "centerCrop" and the model.',
    });
  }
  if (isIndex(value) !== (dtype === 'int64'))
    issues.push({
      message: 'samples are not of the type of the model input',
      where,
      seen: dtype,
      allowed: value.dtype,
    });
  return at;
}

/** A label that no output stands for would count as a mistake of the model for ever. */
function labelsBeyondClasses({ labels, metric, source }: Dataset, graph: Graph): Issue[] {
  const output = graph.values.get(graph.outputs[0] ?? '');
  if (labels === null || metric !== 'top-1' || output?.dtype !== 'float32') return [];
  const classes = elementCount(output.shape.slice(1));
  const wrong = labels.findIndex((label) => label >= classes);
  if (wrong < 0) return [];
  return [
    {
      message: 'a label is no class of the model',
      where: `${source}: label of sample ${wrong}`,
      seen: labels[wrong]!,
      allowed: `0 to ${classes - 1}`,
      next: 'Check that the labels belong to this model and start at 0.',
    },
  ];
}

function isIndex(value: Value): boolean {
  return value.dtype === 'int64' || value.dtype === 'int32';
}

function fits(sample: Shape, input: Shape): boolean {
  const squeezed = (shape: Shape): string => shape.filter((size) => size !== 1).join();
  return elementCount(sample) === elementCount(input) && squeezed(sample) === squeezed(input);
}
