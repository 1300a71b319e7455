/**
 * How a layer's inputs meet its weights: for each group of outputs, which input channels and taps multiply which weights. Second-order
 * rounding and bias correction see every weighted layer in this one form.
 */
import { assert } from '../base/errors.ts';
import type { Graph } from '../graph/graph.ts';
import { forPositions, forTaps, type Window, windowOf } from '../ops/common/window.ts';
import type { WeightedNode } from './weighted-nodes.ts';

export interface LayerGeometry {
  /** Groups of outputs that read the same inputs; each group's weights are [outputs / groups][channelsPerGroup][taps]. */
  readonly groups: number;
  readonly outputsPerGroup: number;
  readonly channelsPerGroup: number;
  /** Kernel height times width; 1 for fully connected layers. */
  readonly taps: number;
  /** Input channels. */
  readonly channels: number;
  /** Null for fully connected layers, whose input is rows of `channels` values. */
  readonly window: Window | null;
}

/** Null for layers without products of inputs and weights in this form (gather, transposed convolution). */
export function layerGeometry(graph: Graph, layer: WeightedNode): LayerGeometry | null {
  const { node, shape, outputs } = layer;
  if (node.op === 'gather' || node.op === 'conv-transpose') return null;
  const input = graph.values.get(node.inputs[0]);
  assert(input !== undefined, `The graph has no value ${node.inputs[0]}.`);
  if (node.op === 'fully-connected') {
    const channels = shape[1];
    return { groups: 1, outputsPerGroup: outputs, channelsPerGroup: channels, taps: 1, channels, window: null };
  }
  const kernel = [shape[2], shape[3]] as const;
  const window = windowOf(node, input.shape, kernel);
  const groups = node.op === 'depthwise-conv' ? window.channels : (node.attributes.groups as number);
  return {
    groups,
    outputsPerGroup: outputs / groups,
    channelsPerGroup: window.channels / groups,
    taps: kernel[0] * kernel[1],
    channels: window.channels,
    window,
  };
}

/** Share of output positions at which each tap lies inside the input; elsewhere it reads padding, which is real 0. */
export function tapCoverage(geometry: LayerGeometry): Float64Array<ArrayBuffer> {
  const { window, taps } = geometry;
  if (window === null) return new Float64Array([1]);
  const inside = new Float64Array(taps);
  forPositions(window, (outY, outX) => {
    forTaps(window, outY, outX, (_inY, _inX, kernelY, kernelX) => {
      inside[kernelY * window.kernel[1] + kernelX]++;
    });
  });
  return inside.map((count) => count / (window.output[0] * window.output[1]));
}
