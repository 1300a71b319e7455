/** What a search holds outside of the simulator: known before it starts, so that the simulator can be given the rest of a budget. */
import type { NumericProfile } from '../arithmetic/profile.ts';
import { elementCount } from '../base/tensor.ts';
import type { Graph } from '../graph/graph.ts';
import { type LayerGeometry, layerGeometry } from '../quantize/layer-geometry.ts';
import { weightedNodes } from '../quantize/weighted-nodes.ts';
import { sliceBytes } from '../simulate/read-codes.ts';
import { partBytesMax } from './evaluator.ts';
import { momentBytes } from './layer-moments.ts';

/** Codes are put in order and dealt to the workers, each into new memory. */
const codeCopies = 2;
/** A part of a layer's codes is in a worker, joined, and being read. */
const partCopies = 3;

/** Bytes, an upper bound, for a search over `samples` samples with all layers rounded to second order. */
export function searchBytes(graph: Graph, samples: number, { activation }: NumericProfile): number {
  const elements = graph.inputs.reduce((sum, name) => sum + elementCount(graph.values.get(name)?.shape ?? []), 0);
  const codeBytes = Math.max(...activation.bits) > 8 ? 2 : 1;
  const layers = weightedNodes(graph)
    .map((layer) => layerGeometry(graph, layer))
    .filter((geometry): geometry is LayerGeometry => geometry !== null)
    .map((geometry) => momentBytes(geometry, codeBytes));
  const held = layers.reduce((sum, bytes) => sum + bytes.held, 0);
  const working = Math.max(0, ...layers.map((bytes) => bytes.working));
  const inputs = samples * elements * codeCopies * codeBytes + sliceBytes(elements);
  return inputs + partCopies * partBytesMax + held + working;
}
