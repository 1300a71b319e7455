/** What the constant expressions of one model may cost in memory and time, so that a small file cannot ask for a large machine. */
import { BitwrightError } from '../../base/errors.ts';

export interface FoldBudget {
  /** Throws MODEL_UNSUPPORTED where so many more elements would be too many. */
  checkElements(count: number): void;
  /** The same, and counts them. */
  spendElements(count: number): void;
  spendMacs(count: number): void;
}

/** Elements that the constants computed from constants may have: this many, or so many times what the file holds. */
const elementsMin = 2 ** 24;
const timesOfFile = 4;
/** Multiply-accumulates of the readable float references, seconds at most. */
const macsMax = 2 ** 28;

export function createFoldBudget(elementsOfFile: number): FoldBudget {
  const elementsMax = Math.max(elementsMin, timesOfFile * elementsOfFile);
  const counter = (what: string, max: number) => {
    let spent = 0;
    const check = (count: number): void => {
      if (spent + count <= max) return;
      throw new BitwrightError('MODEL_UNSUPPORTED', {
        message: 'the model computes constants that are too large',
        seen: `${spent + count} ${what}`,
        allowed: max,
        next: 'Fold the constants with a graph optimiser before the import.',
      });
    };
    const spend = (count: number): void => {
      check(count);
      spent += count;
    };
    return { check, spend };
  };
  const elements = counter('elements', elementsMax);
  const macs = counter('multiply-accumulates', macsMax);
  return { checkElements: elements.check, spendElements: elements.spend, spendMacs: macs.spend };
}
