/** Convolutional networks of any depth and image size with random weights, and images of noise: for how cost grows where models do not vary. */
import { writeFileSync } from 'node:fs';
import { writeNpy } from '../dist/base/npy.js';
import { seededRandom } from '../dist/base/random.js';
import { floatTensor } from '../dist/base/tensor.js';
import { createOnnxBuilder } from '../dist/onnx/onnx-builder.js';

const channels = 16;
const classes = 10;

/** `depth` 3x3 convolutions of 16 channels with ReLU at full size, an average over the image, and a dense layer. */
export function writeNetwork(path, { depth, size, seed }) {
  const random = seededRandom(seed);
  const builder = createOnnxBuilder();
  const weights = (name, shape) => {
    const fan = shape.slice(1).reduce((product, length) => product * length, 1);
    const data = Float32Array.from({ length: shape[0] * fan }, () => random.normal() * Math.sqrt(2 / fan));
    return builder.constant(name, floatTensor(shape, data));
  };
  builder.input('image', 'float32', ['N', 3, size, size]);
  let value = 'image';
  for (let layer = 0; layer < depth; layer++) {
    const name = `conv${layer}`;
    const kernel = weights(`${name}.w`, [channels, layer === 0 ? 3 : channels, 3, 3]);
    const attributes = { kernel_shape: { ints: [3, 3] }, pads: { ints: [1, 1, 1, 1] }, strides: { ints: [1, 1] } };
    builder.node('Conv', [value, kernel], [name], { name, attributes });
    builder.node('Relu', [name], [`${name}.out`], { name: `${name}.relu` });
    value = `${name}.out`;
  }
  builder.node('GlobalAveragePool', [value], ['average'], { name: 'average' });
  builder.node('Flatten', ['average'], ['flat'], { name: 'flat', attributes: { axis: { int: 1 } } });
  const dense = weights('dense.w', [classes, channels]);
  builder.node('Gemm', ['flat', dense], ['logits'], { name: 'dense', attributes: { transB: { int: 1 } } });
  builder.output('logits', 'float32', ['N', classes]);
  writeFileSync(path, builder.finish({ opset: 17, name: 'growth' }));
}

export function writeImages(path, { samples, size, seed }) {
  const random = seededRandom(seed);
  const shape = [samples, 3, size, size];
  const data = Float32Array.from({ length: samples * 3 * size * size }, () => random.normal());
  writeFileSync(path, writeNpy(floatTensor(shape, data)));
}
