/** From the text of --method (`mmse`, `lp-norm:2.4`) to a step-size initialiser with its parameter. */
import { BitwrightError } from '../base/errors.ts';
import { generatedMethods } from './methods.generated.ts';
import type { StepMethod } from './step-method.ts';

export interface ChosenMethod {
  readonly method: StepMethod;
  readonly parameter: number;
}

/** Every initialiser, by name. */
export function stepMethods(): readonly StepMethod[] {
  return generatedMethods;
}

/** Throws USAGE for an unknown name or a parameter out of range. */
export function chooseMethod(text: string): ChosenMethod {
  const [name, given] = text.split(':', 2);
  const method = generatedMethods.find((candidate) => candidate.name === name);
  if (method === undefined) {
    throw new BitwrightError('USAGE', {
      message: 'no such quantization method',
      where: '--method',
      seen: name ?? '',
      allowed: ['lapq', ...generatedMethods.map((candidate) => candidate.name)].join(', '),
    });
  }
  if (given === undefined) return { method, parameter: method.parameter?.default ?? 0 };
  const value = Number(given);
  const spec = method.parameter;
  if (spec === undefined || given === '' || !(value >= spec.min && value <= spec.max)) {
    throw new BitwrightError('USAGE', {
      message:
        spec === undefined ? `method ${name} takes no parameter` : `method ${name}: ${spec.name} is out of range`,
      where: '--method',
      seen: given,
      ...(spec === undefined ? {} : { allowed: `${spec.min} to ${spec.max}` }),
    });
  }
  return { method, parameter: value };
}

/** The method that takes the weights when this one takes the activations. */
export function weightMethodOf(chosen: ChosenMethod): ChosenMethod {
  return chosen.method.weightMethod === undefined ? chosen : chooseMethod(chosen.method.weightMethod);
}
