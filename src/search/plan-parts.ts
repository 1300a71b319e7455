/** From start steps to the parts of a scale space: who moves, how far, and how each makes its plan entry. */
import { codeRange, type WeightQuantization } from '../graph/quantization-plan.ts';
import { activationQuantization } from '../quantize/activation-parameters.ts';
import type { ChannelMeans } from '../quantize/bias-correction.ts';
import { type Layer, planLayer, type Rounding } from './layer-plan.ts';
import type { ActivationPart, WeightPart } from './scale-space.ts';
import type { ActivationGroup, Setup } from './setup.ts';
import type { StartSteps } from './start-steps.ts';
import type { WideInput } from './wide-inputs.ts';

export interface PartOptions {
  readonly rounding: Rounding;
  readonly correctBias: boolean;
  /** By position in `setup.layers`; null where there is none. */
  readonly wideInputs: readonly (WideInput | null)[];
  /** Factors on the weight steps among which second-order rounding chooses. */
  readonly factors: readonly number[];
  /** Channel means of each layer's input in the quantized network, by position in `setup.layers`; absent: the float network's. */
  readonly means?: readonly (ChannelMeans | null)[];
  /** Weights that are settled: taken as they are and not searched. */
  readonly settled?: ReadonlyMap<string, WeightQuantization>;
  /** Whether weight scales take part in the search; 8-bit ones never do. */
  readonly searchWeights: boolean;
}

/** How far a search may move a step from its start. */
const reach = Math.log(4);
/** Steps beyond the full range waste codes. */
const fullRangeReach = 1.1;

export function partsOf(setup: Setup, steps: StartSteps, options: PartOptions): (ActivationPart | WeightPart)[] {
  const weights = setup.layers.map((layer, index) => weightPart(setup, layer, index, steps, options));
  const tables = new Map(weights.map((part) => [part.name, part]));
  const activations = setup.groups.map((group, index) => activationPart(setup, group, index, steps, tables));
  return inForwardOrder(setup, activations, weights);
}

function activationPart(
  { profile }: Setup,
  { group, bits, distribution }: ActivationGroup,
  index: number,
  steps: StartSteps,
  tables: ReadonlyMap<string, WeightPart>,
): ActivationPart {
  const start = steps.activations[index];
  const part = { name: group.values[0], values: group.values };
  const { fixed, table } = group;
  if (fixed !== null) {
    const range = codeRange(bits);
    const entry = { bits, scale: fixed.scale, zeroPoint: range.qMin + fixed.zeroPointFromLowest, ...range };
    return { ...part, entry: () => entry };
  }
  const source = table === null ? undefined : tables.get(table);
  if (source !== undefined) {
    return { ...part, entry: () => ({ bits, scale: source.entry(1).scales[0], zeroPoint: 0, ...codeRange(bits) }) };
  }
  const entry = (factor: number) =>
    activationQuantization(bits, { step: start.step * factor, zeroPoint: start.zeroPoint }, profile);
  if (group.isGraphInput || start.step === 0 || bits > 8) return { ...part, entry };
  const codes = 2 ** bits - 1;
  const full = (Math.max(distribution.max, 0) - Math.min(distribution.min, 0)) / codes;
  const smallest = profile.activation.scale === 'any' ? 0.005 : Math.LN2;
  const high = Math.max(smallest, Math.min(reach, Math.log((full * fullRangeReach) / start.step)));
  return { ...part, range: { low: -reach, high, smallest }, entry };
}

function weightPart(setup: Setup, layer: Layer, index: number, steps: StartSteps, options: PartOptions): WeightPart {
  const { profile } = setup;
  const { node, singleScale } = layer.weighted;
  const part = { name: node.name };
  const settled = options.settled?.get(node.name);
  if (settled !== undefined) return { ...part, entry: () => settled };
  const entry = (factor: number): WeightQuantization =>
    planLayer(
      layer,
      {
        steps: steps.weights[index].map((step) => step * factor),
        inputScale: inputScaleOf(setup, layer, steps),
        rounding: options.rounding,
        grams: options.wideInputs[index]?.grams ?? null,
        factors: options.factors,
        correctBias: options.correctBias,
        quantizedMeans: options.means?.[index] ?? null,
      },
      profile,
    );
  if (!options.searchWeights || layer.bits >= 8 || singleScale) return { ...part, entry: keepOne(entry) };
  const smallest = profile.weight.scale === 'any' ? 0.005 : Math.LN2;
  return { ...part, range: { low: -reach, high: reach, smallest }, entry };
}

/** The start scale of the layer's input, 1 for indices. A search may halve it and every bias still fits (weight-steps.ts). */
export function inputScaleOf(setup: Setup, layer: Layer, steps: StartSteps): number {
  const group = setup.groupOf.get(layer.weighted.node.inputs[0]);
  if (group === undefined) return 1;
  const { step } = steps.activations[setup.groups.indexOf(group)];
  return step === 0 ? 1 : step;
}

/** A part that never moves makes its entry once. */
function keepOne<Entry>(make: (factor: number) => Entry): (factor: number) => Entry {
  let made: Entry | undefined;
  return () => {
    made ??= make(1);
    return made;
  };
}

/** Weights of a node come before its output; graph inputs first. */
function inForwardOrder(
  { graph }: Setup,
  activations: readonly ActivationPart[],
  weights: readonly WeightPart[],
): (ActivationPart | WeightPart)[] {
  const byValue = new Map(activations.flatMap((part) => part.values.map((value) => [value, part] as const)));
  const byNode = new Map(weights.map((part) => [part.name, part]));
  const ordered = new Set<ActivationPart | WeightPart>();
  const add = (part: ActivationPart | WeightPart | undefined): void => {
    if (part !== undefined) ordered.add(part);
  };
  for (const input of graph.inputs) add(byValue.get(input));
  for (const node of graph.nodes) {
    add(byNode.get(node.name));
    for (const output of node.outputs) add(byValue.get(output));
  }
  return [...ordered];
}
