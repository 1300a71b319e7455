/** Which operations of a program could meet the AVX2 pair saturation of ONNX Runtime, so that inspect and quantize can warn. */
import { findPairHazard, type PairHazard } from '../../arithmetic/pair-saturation.ts';
import { getProfile } from '../../arithmetic/registry.ts';
import type { IntegerProgram } from '../../graph/integer-program.ts';

export interface OperationHazard extends PairHazard {
  /** Operation name. */
  readonly name: string;
}

/**
 * Empty unless the profile runs in float32 rules on unsigned activations (`onnxruntime`). Depthwise convolutions are exact there: their
 * kernel widens to 16 bits before it multiplies.
 */
export function findPairHazards(program: IntegerProgram): OperationHazard[] {
  const profile = getProfile(program.profile);
  if (profile.requantize !== 'float32' || profile.activation.native !== 'uint8') return [];
  return program.operations.flatMap(({ kernel, name, parameters }) => {
    const channels =
      kernel === 'conv' ? parameters.outputChannels : kernel === 'fully-connected' ? parameters.outputs : 0;
    if (channels === 0) return [];
    const hazard = findPairHazard(program.constants[parameters.weights].data as Int8Array, channels);
    return hazard === null ? [] : [{ name, ...hazard }];
  });
}
