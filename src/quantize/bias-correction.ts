/**
 * Bias correction that costs nothing at run time: the mean shift that quantization gives each output channel moves into the int32
 * bias. With the mean of the quantized network's own inputs it also cancels what the layers before have shifted.
 */
import type { LayerGeometry } from './layer-geometry.ts';
import type { WeightedNode } from './weighted-nodes.ts';

/** Mean of each input channel, over samples and positions, real units. */
export type ChannelMeans = ArrayLike<number>;

/**
 * bias + E[W x] - E[Wq xq], per output channel. `coverage` is tapCoverage(geometry); `float` holds the float network's means and
 * `quantized` those of the network that runs (the same array corrects the weights alone).
 */
export function correctedBias(
  layer: WeightedNode,
  geometry: LayerGeometry,
  coverage: Float64Array,
  codes: Int8Array,
  scales: Float32Array,
  float: ChannelMeans,
  quantized: ChannelMeans,
): Float32Array<ArrayBuffer> {
  const { outputsPerGroup, channelsPerGroup, taps } = geometry;
  return Float32Array.from({ length: layer.outputs }, (_, output) => {
    const scale = scales[scales.length === 1 ? 0 : output];
    const firstChannel = Math.floor(output / outputsPerGroup) * channelsPerGroup;
    let shift = 0;
    let index = output * layer.perOutput;
    for (let channel = firstChannel; channel < firstChannel + channelsPerGroup; channel++) {
      for (let tap = 0; tap < taps; tap++, index++) {
        shift += coverage[tap] * (layer.weights[index] * float[channel] - scale * codes[index] * quantized[channel]);
      }
    }
    return (layer.bias === null ? 0 : layer.bias[output]) + shift;
  });
}
