/**
 * Moves codes from one scale to another, with narrower bounds where a clamp asks for it: the `requantize` kernel by the profile's rule, or
 * under float32 the table of the DequantizeLinear / QuantizeLinear pair.
 */
import { effectiveScale } from '../../arithmetic/effective-scale.ts';
import type { ScaleProduct } from '../../arithmetic/profile.ts';
import { getRule } from '../../arithmetic/registry.ts';
import type { RequantizeRule } from '../../arithmetic/rule.ts';
import { elementCount } from '../../base/tensor.ts';
import type { FusedClamp, Node } from '../../graph/graph.ts';
import type { LowerContext } from '../op-definition.ts';
import { clampReal } from './float-data.ts';
import { type Endpoint, emitTable, floatCode } from './table.ts';

/** The rule of ops without a long accumulator: the runtimes of 16-bit activations use the 32-bit double rounding for them. */
export function elementwiseRule(context: LowerContext): RequantizeRule {
  return context.rule.id === 'reduced-16' ? getRule('double') : context.rule;
}

export function emitRescale(
  node: Node,
  context: LowerContext,
  input: Endpoint,
  output: Endpoint,
  clamp: FusedClamp | undefined,
  product: ScaleProduct = context.profile.scaleProduct.requantize,
): void {
  const bounds = context.clampOf(node.outputs[0], clamp);
  if (context.profile.requantize === 'float32') {
    const code = floatCode(context.profile, input.tensor, output.tensor, (value) => clampReal(value, clamp));
    emitTable(node, context, input, output, code, bounds);
    return;
  }
  const rule = elementwiseRule(context);
  context.emit({
    kernel: 'requantize',
    name: node.name,
    rule: rule.id,
    inputs: [input.index],
    output: output.index,
    parameters: {
      elements: elementCount(output.tensor.shape),
      inputZeroPoint: input.tensor.zeroPoint,
      outputZeroPoint: output.tensor.zeroPoint,
      ...rule.encode(effectiveScale(product, input.tensor.scale, 1, output.tensor.scale)),
      ...bounds,
    },
    macs: 0,
  });
}
