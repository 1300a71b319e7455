/** Shares a memory budget (--memory) between what quantization must hold and the simulator, which takes the rest for its caches. */

import type { NumericProfile } from '../../arithmetic/profile.ts';
import { BitwrightError } from '../../base/errors.ts';
import { calibrationBytes } from '../../calibrate/calibrate.ts';
import { searchBytes } from '../../search/search-memory.ts';
import type { LoadedModel } from './load-model.ts';

const mebibyte = 2 ** 20;
/** Node with two workers, ONNX Runtime with what its arenas keep, and the program itself. */
const processBytes = 384 * mebibyte;
/** Of what is left, the simulator's part: the rest is for arrays that wait for the garbage collector. */
const simulatorShare = 0.75;
/** The file, the graph, the float engine's own copy, and a packed program or two. */
const modelCopies = 5;
/** Less is no use to the simulator. */
const simulatorBytesMin = 64 * mebibyte;

/** Bytes that the simulator may take. Throws USAGE where the budget is too small, with what is needed. */
export function simulatorBytes(
  budgetBytes: number,
  { graph, bytes }: LoadedModel,
  samples: number,
  profile: NumericProfile,
): number {
  const fixed = processBytes + modelCopies * bytes.length;
  const search = searchBytes(graph, samples, profile);
  const needed = fixed + Math.max(search + simulatorBytesMin / simulatorShare, calibrationBytes(graph));
  if (budgetBytes >= needed) return Math.floor(simulatorShare * (budgetBytes - fixed - search));
  throw new BitwrightError('USAGE', {
    message: `too small for this model and ${samples} samples`,
    where: '--memory',
    seen: `${Math.floor(budgetBytes / mebibyte)} MiB`,
    allowed: `${Math.ceil(needed / mebibyte)} MiB and more`,
    next: 'Raise it, or use fewer --samples.',
  });
}
