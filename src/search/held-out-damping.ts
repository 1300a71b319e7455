/**
 * How strongly the targets of a layer are pulled back to its own weights, by what the rounding does on samples that it was not made from.
 * A layer of few weights can follow the inputs closely, one of many learns the samples by heart. Within
 * ResNet-20 the choices span 0.01 to 3 (`measure-accuracy.mjs --trace`).
 */

const dampings = [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100];
/** Where nothing is held out, and for the first layer. */
export const usualDamping = 1;

export interface Trial {
  readonly damping: number;
  /** Error on held-out samples. */
  readonly error: number;
}

/** The trial with the least error, walking from `start` to either side for as long as that helps. */
export function walkDampings<T extends Trial>(start: number, attempt: (damping: number) => T): T {
  const from = dampings.indexOf(start);
  let best = attempt(start);
  for (const direction of [1, -1]) {
    for (let index = from + direction; index >= 0 && index < dampings.length; index += direction) {
      const next = attempt(dampings[index]);
      if (!(next.error < best.error)) break;
      best = next;
    }
    if (best.damping !== start) break;
  }
  return best;
}
