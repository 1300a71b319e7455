/** What a search holds outside of the simulator: known before it starts, so that the simulator can be given the rest of a budget. */
import type { NumericProfile } from '../arithmetic/profile.ts';
import { elementCount } from '../base/tensor.ts';
import type { Graph } from '../graph/graph.ts';
import { type LayerGeometry, layerGeometry } from '../quantize/layer-geometry.ts';
import { weightedNodes } from '../quantize/weighted-nodes.ts';
import { partBytesMax } from './evaluator.ts';
import { momentBytes } from './layer-moments.ts';

const floatBytes = 4;
/** Codes are quantized, put in order and dealt to the workers, each step into new memory; wide ones take two bytes. */
const codeCopies = 3;
/** A part of a layer's codes is in a worker, joined, and being read. */
const partCopies = 3;

/** Bytes, an upper bound, for a search over `samples` samples with all layers rounded to second order. */
export function searchBytes(graph: Graph, samples: number, { activation }: NumericProfile): number {
  const elements = graph.inputs.reduce((sum, name) => sum + elementCount(graph.values.get(name)?.shape ?? []), 0);
  const layers = weightedNodes(graph)
    .map((layer) => layerGeometry(graph, layer))
    .filter((geometry): geometry is LayerGeometry => geometry !== null)
    .map((geometry) => momentBytes(geometry, Math.max(...activation.bits) > 8 ? 2 : 1));
  const held = layers.reduce((sum, bytes) => sum + bytes.held, 0);
  const working = Math.max(0, ...layers.map((bytes) => bytes.working));
  return samples * elements * (floatBytes + codeCopies) + partCopies * partBytesMax + held + working;
}
