/**
 * What TypeScript and C must both know of a kernel: its opcode and its parameter struct. Declared once in the op's file and
 * generated into runtime-kernels/generated. Every parameter is one 32-bit word, so a record is a flat array of words in the blob.
 */

/**
 * `i32`: a signed word. `constant`: byte offset into the program's constants section, 0xFFFFFFFF for none.
 * `f32` values travel as their bit pattern in an `i32` word where a rule says so (see arithmetic/rules).
 */
export interface ParameterSpec {
  readonly name: string;
  readonly kind: 'i32' | 'constant';
  /** One line for the generated C header and docs: unit, range. */
  readonly doc: string;
}

export interface KernelSpec {
  /** File name in runtime-kernels/src and prefix `rk_` of its functions, in kebab case. */
  readonly name: string;
  /** Stable number in the blob; never reused. */
  readonly opcode: number;
  readonly parameters: readonly ParameterSpec[];
}

export const noConstant = 0xffffffff;

export function i32(name: string, doc: string): ParameterSpec {
  return { name, kind: 'i32', doc };
}

export function constant(name: string, doc: string): ParameterSpec {
  return { name, kind: 'constant', doc };
}
