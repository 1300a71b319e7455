/** The OpDefinition of a kernel that no graph node names: other ops lower to it. */
import { assert } from '../../base/errors.ts';
import type { KernelSpec } from '../../graph/kernel-spec.ts';
import type { IntegerCall, OpDefinition } from '../op-definition.ts';

export function kernelOnly(kernel: KernelSpec, runInteger: (call: IntegerCall) => void): OpDefinition {
  const refuse = (): never => {
    assert(false, `'${kernel.name}' is a kernel, not an operator of the graph.`);
  };
  return {
    name: kernel.name,
    kernel,
    scaleTie: 'free',
    inferShapes: refuse,
    runFloat: refuse,
    macs: () => 0,
    lower: refuse,
    runInteger,
  };
}
