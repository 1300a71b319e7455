/** Random variations of images while they are copied into a batch: mirrored left to right, moved by a few pixels with zeros coming in. */
import { BitwrightError } from '../base/errors.ts';
import type { Random } from '../base/random.ts';
import type { Shape, Tensor } from '../base/tensor.ts';

export interface Augmentation {
  /** Mirror half of the images. */
  readonly flip: boolean;
  /** Largest shift in pixels along each axis, both directions. */
  readonly shift: number;
}

/** Whether a batch [N, ..., H, W] can be varied. */
export function isVaried({ dtype, shape }: Pick<Tensor, 'dtype' | 'shape'>): boolean {
  return dtype === 'float32' && shape.length >= 3;
}

/** Throws USAGE where nothing would be varied, or a shift could move whole images out. */
export function checkAugmentation(inputs: readonly Tensor[], augmentation: Augmentation | null): void {
  if (augmentation === null) return;
  const images = inputs.filter(isVaried);
  const sides = images.flatMap(({ shape }) => shape.slice(-2));
  if (images.length > 0 && augmentation.shift < Math.min(...sides)) return;
  throw new BitwrightError('USAGE', {
    message: 'the inputs cannot be mirrored and moved like that',
    seen: `inputs ${inputs.map(({ shape }) => `[${shape.join(', ')}]`).join(' ')}, shift ${augmentation.shift}`,
    allowed: 'float inputs with height and width, and shifts smaller than both',
    next: 'Leave the augmentation out, or shift by less.',
  });
}

/** Copies one sample [C, H, W] (or [H, W] planes of any number) into `target` at `offset`, varied. */
export function copyVaried(
  sample: Float32Array,
  shape: Shape,
  target: Float32Array,
  offset: number,
  augmentation: Augmentation,
  random: Random,
): void {
  const [height, width] = [shape[shape.length - 2]!, shape[shape.length - 1]!];
  const mirrored = augmentation.flip && random.next() < 0.5;
  const down = random.integer(-augmentation.shift, augmentation.shift);
  const right = random.integer(-augmentation.shift, augmentation.shift);
  const planes = sample.length / (height * width);
  for (let plane = 0; plane < planes; plane++) {
    for (let row = 0; row < height; row++) {
      const from = (plane * height + row - down) * width;
      const to = offset + (plane * height + row) * width;
      if (row - down < 0 || row - down >= height) {
        target.fill(0, to, to + width);
        continue;
      }
      for (let column = 0; column < width; column++) {
        const source = column - right;
        const inside = source >= 0 && source < width;
        target[to + column] = inside ? sample[from + (mirrored ? width - 1 - source : source)]! : 0;
      }
    }
  }
}
