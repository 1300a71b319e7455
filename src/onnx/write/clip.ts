/** Writes a clamp as Relu or Clip; shared by the standalone op and by fused activations. */
import type { FusedClamp } from '../../graph/graph.ts';
import { floatScalar, type OnnxBuilder } from '../onnx-builder.ts';

/** Relu where it is one, else Clip with the open sides left out. */
export function writeClip(builder: OnnxBuilder, name: string, input: string, output: string, clamp: FusedClamp): void {
  if (clamp.min === 0 && clamp.max === Number.POSITIVE_INFINITY) {
    builder.node('Relu', [input], [output], { name });
    return;
  }
  const bound = (value: number, role: string): string =>
    Number.isFinite(value) ? builder.newConstant(`${output}/${role}`, floatScalar(value)) : '';
  builder.node('Clip', [input, bound(clamp.min, 'min'), bound(clamp.max, 'max')], [output], { name });
}
