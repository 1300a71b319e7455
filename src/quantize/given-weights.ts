/** The weight codes of a quantized model, taken back out of its float weights: each is a whole number of its scale. */
import type { NumericProfile } from '../arithmetic/profile.ts';
import type { IssueList } from '../base/errors.ts';
import type { Graph } from '../graph/graph.ts';
import { type ActivationQuantization, codeRange, type WeightQuantization } from '../graph/quantization-plan.ts';
import { type QuantizationNotes, weightNote } from '../onnx/quantization-notes.ts';
import { type WeightedNode, weightedNodes } from './weighted-nodes.ts';

/** How far from a whole number a weight may lie: float32 products of a code and its scale are this near. */
const wholeTolerance = 1e-3;

/** One entry per node with weights; what the model lacks is added to `missing`, what the profile cannot hold to `refused`. */
export function givenWeights(
  graph: Graph,
  notes: QuantizationNotes,
  activations: ReadonlyMap<string, ActivationQuantization>,
  profile: NumericProfile,
  missing: IssueList,
  refused: IssueList,
): Map<string, WeightQuantization> {
  const plans = new Map<string, WeightQuantization>();
  for (const weighted of weightedNodes(graph)) {
    const entry = givenEntry(weighted, notes, profile, missing);
    if (entry === undefined) continue;
    plans.set(weighted.node.name, entry);
    checkBias(weighted, entry, activations.get(weighted.node.inputs[0]!), missing);
    if (entry.perChannel && !profile.weight.perChannel) {
      refused.add({
        message: `has a scale per channel, which the profile ${profile.id} does not have`,
        where: `node ${weighted.node.name} (${weighted.node.op})`,
        next: 'Quantize per tensor, or choose another target.',
      });
    }
  }
  return plans;
}

function givenEntry(
  weighted: WeightedNode,
  notes: QuantizationNotes,
  profile: NumericProfile,
  issues: IssueList,
): WeightQuantization | undefined {
  const { node, weights, outputs, perOutput, singleScale } = weighted;
  const where = `node ${node.name} (${node.op})`;
  const note = weightNote(notes, node.inputs[singleScale ? 0 : 1]!);
  if (note === undefined) {
    issues.add({ message: 'its weights have no scale in the model', where, next: 'Quantize the whole model.' });
    return undefined;
  }
  const { scales } = note;
  const perChannel = scales.length > 1;
  if (scales.length !== 1 && (scales.length !== outputs || singleScale)) {
    issues.add({
      message: 'its weight scales are not one per output channel',
      where,
      seen: scales.length,
      allowed: singleScale ? '1' : `1 or ${outputs}`,
    });
    return undefined;
  }
  const bits = profile.weight.bits.includes(note.bits) ? note.bits : 8;
  const { qMin, qMax } = codeRange(bits, profile.weight.range);
  const exact = Array.from(weights, (value, index) => value / scales[perChannel ? Math.floor(index / perOutput) : 0]);
  const codes = Int8Array.from(exact, Math.round);
  const broken = exact.findIndex(
    (value, index) => Math.abs(value - codes[index]) > wholeTolerance || value < qMin - 0.5 || value > qMax + 0.5,
  );
  if (broken >= 0) {
    issues.add({
      message: 'a weight is no code of the profile on the scale of the model',
      where: `${where}, element ${broken}`,
      seen: exact[broken],
      allowed: `whole numbers from ${qMin} to ${qMax}`,
      next: 'Weights need zero point 0 (128 for uint8), and no operator may change them after their DequantizeLinear.',
    });
    return undefined;
  }
  return { bits, perChannel, scales, codes, bias: null };
}

/** A float32 holds the bias exactly only up to 2^24 codes. */
function checkBias(
  { node, bias }: WeightedNode,
  { scales }: WeightQuantization,
  input: ActivationQuantization | undefined,
  issues: IssueList,
): void {
  if (bias === null || input === undefined) return;
  const largest = bias.reduce(
    (most, value, channel) => Math.max(most, Math.abs(value / (input.scale * scales[scales.length > 1 ? channel : 0]))),
    0,
  );
  if (largest <= 2 ** 24) return;
  issues.add({
    message: 'a bias is too large to be carried over exactly',
    where: `node ${node.name} (${node.op})`,
    seen: largest,
    allowed: 2 ** 24,
  });
}
