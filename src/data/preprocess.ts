/** Raw samples to what the model is fed: channels first, channel order, then (v * scale - mean[c]) / std[c], every step rounded to float32. */
import { elementCount, type Shape, type TensorData } from '../base/tensor.ts';
import type { Layout, Preprocessing } from './manifest.ts';

/** Channels, positions and the steps between them in one raw sample. */
interface SampleGeometry {
  readonly channels: number;
  readonly positions: number;
  readonly channelStep: number;
  readonly positionStep: number;
  /** The sample's shape after preprocessing, channels first. */
  readonly outputShape: Shape;
}

/** Undefined where the sample's rank does not fit its layout. */
export function sampleGeometry(shape: Shape, layout: Layout | null): SampleGeometry | undefined {
  if (layout === 'NHWC' && shape.length === 3) {
    const [height, width, channels] = shape as unknown as [number, number, number];
    return {
      channels,
      positions: height * width,
      channelStep: 1,
      positionStep: channels,
      outputShape: [channels, height, width],
    };
  }
  if (layout === 'NCHW' && shape.length === 3) {
    const positions = shape[1]! * shape[2]!;
    return { channels: shape[0]!, positions, channelStep: positions, positionStep: 1, outputShape: shape };
  }
  if (layout === 'HW' && shape.length === 2) {
    const positions = shape[0]! * shape[1]!;
    return { channels: 1, positions, channelStep: positions, positionStep: 1, outputShape: [1, ...shape] };
  }
  if (layout !== null) return undefined;
  const channels = shape[0] ?? 1;
  const positions = elementCount(shape.slice(1));
  return { channels, positions, channelStep: positions, positionStep: 1, outputShape: shape };
}

/** One value per channel from a list of one or of all. */
function perChannel(values: readonly number[] | undefined, fallback: number, channels: number): Float32Array {
  return Float32Array.from(
    { length: channels },
    (_, channel) => values?.[values.length === 1 ? 0 : channel] ?? fallback,
  );
}

/** Preprocesses `count` samples of one geometry. */
export function preprocess(
  raw: TensorData,
  count: number,
  geometry: SampleGeometry,
  options: Preprocessing,
): Float32Array<ArrayBuffer> {
  const { channels, positions, channelStep, positionStep } = geometry;
  const scale = Math.fround(options.scale ?? 1);
  const mean = perChannel(options.mean, 0, channels);
  const std = perChannel(options.std, 1, channels);
  const reversed = options.channels === 'BGR';
  const values = raw as ArrayLike<number | bigint>;
  const output = new Float32Array(count * channels * positions);
  let target = 0;
  for (let sample = 0; sample < count; sample++) {
    const base = sample * channels * positions;
    for (let channel = 0; channel < channels; channel++) {
      let source = base + (reversed ? channels - 1 - channel : channel) * channelStep;
      for (let position = 0; position < positions; position++, source += positionStep) {
        const scaled = Math.fround(Math.fround(Number(values[source]!)) * scale);
        output[target++] = Math.fround(scaled - mean[channel]!) / std[channel]!;
      }
    }
  }
  return output;
}
