/** The forward half of a training graph: inputs, parameters, each node by its rule, then clamp and grid of its outputs. */
import type { FusedClamp, Graph, Node } from '../graph/graph.ts';
import { type EmittedActivation, emitActivation } from './activation.ts';
import type { GradientContext } from './gradient-rule.ts';
import { gradientRuleOf } from './gradients/registry.ts';
import { createNodeEmitter, type NodeEmitter } from './node-emitter.ts';
import { type TrainingGraphOptions, trainingNames, withBatch } from './training-options.ts';

/** Everything that the passes of one build share. */
export interface State {
  readonly graph: Graph;
  readonly options: TrainingGraphOptions;
  readonly builder: NodeEmitter;
  readonly context: GradientContext;
  /** ONNX name of each activation as its consumers read it. */
  readonly values: Map<string, string>;
  readonly raw: Map<string, string>;
  readonly activations: Map<string, EmittedActivation>;
  /** Gradient parts by graph name of activation or constant. */
  readonly gradients: Map<string, string[]>;
  readonly stepGradients: Map<string, string[]>;
  readonly needsGradient: ReadonlySet<string>;
  /** Per-channel values of the batch by output name: ONNX name and length. */
  readonly reports: Map<string, { readonly value: string; readonly channels: number }>;
}

/** Declares the graph's inputs and gives the rules what they ask for. */
export function createState(graph: Graph, nodes: readonly Node[], options: TrainingGraphOptions): State {
  const builder = createNodeEmitter(`${graph.name}-training`);
  const values = new Map<string, string>();
  const constants = new Map<string, string>();
  const raw = new Map<string, string>();
  const kept = new Map<string, string>();
  const reports: State['reports'] = new Map();
  const needsGradient = gradientReach(nodes, options);

  const constantInput = (name: string): string => {
    const known = constants.get(name);
    if (known !== undefined) return known;
    const tensor = graph.constants.get(name)!;
    const emitted = options.parameters.has(name)
      ? builder.input(trainingNames.parameter(name), 'float32', tensor.shape)
      : builder.constant(tensor.dtype as 'float32', tensor.shape, tensor.data);
    constants.set(name, emitted);
    return emitted;
  };
  const context: GradientContext = {
    builder,
    batch: options.batch,
    input: (node, index) => values.get(node.inputs[index]!) ?? constantInput(node.inputs[index]!),
    hasInput: (node, index) => (node.inputs[index] ?? '') !== '',
    inputShape: (node, index) => withBatch(graph, node.inputs[index]!, options.batch),
    outputShape: (node, index = 0) => withBatch(graph, node.outputs[index]!, options.batch),
    rawOutput: (node, index = 0) => raw.get(node.outputs[index]!)!,
    wants: (node, index) => needsGradient.has(node.inputs[index] ?? ''),
    keep: (node, key, value) => kept.set(`${node.name}/${key}`, value),
    kept: (node, key) => kept.get(`${node.name}/${key}`)!,
    report: (node, key, value, channels) => reports.set(trainingNames.report(node.name, key), { value, channels }),
  };
  const state: State = {
    graph,
    options,
    builder,
    context,
    values,
    raw,
    activations: new Map(),
    gradients: new Map(),
    stepGradients: new Map(),
    needsGradient,
    reports,
  };
  for (const name of graph.inputs) {
    const integer = graph.values.get(name)!.dtype !== 'float32';
    const shape = withBatch(graph, name, options.batch);
    const input = builder.input(trainingNames.input(name), integer ? 'int64' : 'float32', shape);
    finishValue(state, name, input, undefined, integer);
  }
  return state;
}

/** Values and constants that depend on something trained. */
function gradientReach(nodes: readonly Node[], options: TrainingGraphOptions): Set<string> {
  const reach = new Set(options.parameters);
  for (const [value] of options.learnedSteps) reach.add(value);
  for (const node of nodes) {
    if (node.inputs.some((input) => reach.has(input))) for (const output of node.outputs) reach.add(output);
  }
  return reach;
}

/** Clamp and grid of a value, `raw` being what the rule emitted. */
function finishValue(state: State, name: string, raw: string, clamp: FusedClamp | undefined, onGrid: boolean): void {
  const quantization = onGrid ? undefined : state.options.activations.get(name);
  const learned = state.options.learnedSteps.get(name);
  const step = learned === undefined ? undefined : stepInput(state, learned);
  const grid = quantization === undefined ? undefined : { quantization, ...(step === undefined ? {} : { step }) };
  const activation = emitActivation(state.builder, raw, clamp, grid);
  state.raw.set(name, raw);
  state.values.set(name, activation.value);
  state.activations.set(name, activation);
}

function stepInput(state: State, step: string): string {
  if (!state.stepGradients.has(step)) {
    state.stepGradients.set(step, []);
    state.builder.input(trainingNames.step(step), 'float32', []);
  }
  return trainingNames.step(step);
}

export function emitForward(node: Node, state: State): void {
  const rule = gradientRuleOf(node.op)!;
  const raws = rule.forward(node, state.context);
  const clamp = (node.attributes.clamp ?? undefined) as FusedClamp | undefined;
  node.outputs.forEach((output, index) => {
    const onGrid = rule.keepsGrid === true && clamp === undefined && sameGrid(node, output, state);
    finishValue(state, output, raws[index]!, clamp, onGrid);
  });
}

/** Whether the inputs of a node that only moves elements already lie on the output's grid. */
function sameGrid(node: Node, output: string, state: State): boolean {
  const { activations, learnedSteps } = state.options;
  const target = activations.get(output);
  if (target === undefined) return false;
  return node.inputs.every((input) => {
    const source = activations.get(input);
    if (source === undefined) return false;
    const sameStep = learnedSteps.get(input) === learnedSteps.get(output);
    return (
      sameStep &&
      source.scale === target.scale &&
      source.zeroPoint === target.zeroPoint &&
      source.qMin >= target.qMin &&
      source.qMax <= target.qMax
    );
  });
}
