/**
 * How strongly the targets of a layer are pulled back to its own weights, by what the rounding does on samples that it was not made from.
 * A layer of few weights can follow the inputs closely, one of many learns the samples by heart. Within
 * ResNet-20 the choices span 0.01 to 3 (`measure-accuracy.mjs --trace` prints them with their margin).
 */

const dampings = [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100];
/** Where nothing is held out, and for the first layer. */
export const usualDamping = 1;

/** The damping with the least error on held-out samples, walking from `start` to either side for as long as that helps. */
export function walkDampings(start: number, errorAt: (damping: number) => number): number {
  const from = dampings.indexOf(start);
  let best = { index: from, error: errorAt(start) };
  for (const direction of [1, -1]) {
    for (let index = from + direction; index >= 0 && index < dampings.length; index += direction) {
      const error = errorAt(dampings[index]);
      if (!(error < best.error)) break;
      best = { index, error };
    }
    if (best.index !== from) break;
  }
  return dampings[best.index];
}
