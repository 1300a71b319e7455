/** Joins what import, rewrites and target say of every node of a model file. */

import type { Target } from '../../arithmetic/target.ts';
import { BitwrightError, type Issue } from '../../base/errors.ts';
import { elementCount } from '../../base/tensor.ts';
import type { Graph, Node } from '../../graph/graph.ts';
import { activationBytes } from '../../graph/integer-program.ts';
import { type ImportOptions, type OnnxSurvey, type SurveyedNode, surveyOnnx } from '../../onnx/survey-onnx.ts';
import { getOp } from '../../ops/registry.ts';
import type { InspectedNode, InspectedPort, Inspection } from '../../report/inspection.ts';
import { type Removal, traceRewrites } from '../../rewrites/trace-rewrites.ts';
import { inspectTarget, nothingInspected, type TargetInspection } from './inspect-target.ts';
import type { ModelFile } from './load-model.ts';

/** What is known of a model when all stages have looked at it. */
interface Findings {
  readonly survey: OnnxSurvey;
  /** As imported, and after the rewrites; null where nothing could be imported. */
  readonly imported: Graph | null;
  readonly graph: Graph | null;
  readonly steps: readonly string[];
  readonly removed: ReadonlyMap<string, Removal>;
  readonly target: TargetInspection;
  readonly activationBytes: number;
}

/** The inspection, and the graph after all rewrites: of a refused model, the part that could be looked at. */
export interface InspectedModel {
  readonly inspection: Inspection;
  readonly graph: Graph | null;
}

export function inspectModel(
  file: ModelFile,
  target: Target | null,
  dimensions: ImportOptions['dimensions'] = {},
): InspectedModel {
  const survey = surveyOnnx(file.bytes, { name: file.name, dimensions });
  const problems = modelProblems(survey);
  const attempt = <T>(otherwise: T, action: () => T): T => {
    try {
      return action();
    } catch (error) {
      if (!(error instanceof BitwrightError) || error.code === 'INTERNAL') throw error;
      const known = new Set(problems.map((problem) => problem.message + problem.where));
      problems.push(...error.issues.filter((issue) => !known.has(issue.message + issue.where)));
      return otherwise;
    }
  };
  const imported = survey.graph;
  const untouched: Pick<Findings, 'graph' | 'steps' | 'removed'> = { graph: imported, steps: [], removed: new Map() };
  const traced = imported === null ? untouched : attempt(untouched, () => traceRewrites(imported));
  const { graph } = traced;
  const looked =
    target === null || graph === null
      ? nothingInspected
      : attempt(nothingInspected, () => inspectTarget(graph, target));
  const widest = Math.max(...(target?.activations.bits ?? [8]));
  const bytes = activationBytes[widest > 8 ? 'int16' : 'int8'];
  const findings: Findings = { survey, imported, ...traced, target: looked, activationBytes: bytes };
  const nodes = survey.nodes.map((node) => inspectedNode(node, findings));
  const whole = survey.error === null && problems.length === 0;
  return {
    graph,
    inspection: {
      schemaVersion: 1,
      model: { name: file.name, sha256: file.sha256 },
      inputs: ports(imported, imported?.inputs ?? []),
      outputs: ports(imported, survey.error === null ? (imported?.outputs ?? []) : []),
      rewrites: traced.steps,
      nodes,
      problems,
      macs: nodes.reduce((sum, { macs }) => sum + macs, 0),
      parameters: graph === null ? 0 : parametersOf(graph, graph.nodes),
      target: target === null ? null : { id: target.id, ...target.memory },
      memory: whole ? looked.memory : [],
    },
  };
}

/** What is wrong with the model and belongs to none of its nodes; the nodes carry the rest. */
function modelProblems({ nodes, error }: OnnxSurvey): Issue[] {
  const ofNodes = nodes.flatMap(({ fate }) => (fate.state === 'rejected' ? fate.issues : []));
  const messages = new Set(ofNodes.map(({ message }) => message));
  return (error?.issues ?? []).filter((issue) => !messages.has(issue.message));
}

function ports(graph: Graph | null, names: readonly string[]): InspectedPort[] {
  return names.map((name) => ({ name, shape: graph?.values.get(name)?.shape ?? null }));
}

function inspectedNode(node: SurveyedNode, findings: Findings): InspectedNode {
  const { name, operator, inputs, outputs, fate } = node;
  const shape = shapeOf(outputs[0]!, findings);
  const row = { name, operator, inputs, outputs, shape, ...absent };
  switch (fate.state) {
    case 'rejected':
      return { ...row, state: 'rejected', reasons: fate.issues };
    case 'blocked':
      return { ...row, state: 'blocked', note: 'not reached: it reads what is rejected' };
    case 'folded':
      return { ...row, state: 'rewritten', note: foldedNote(node, findings) };
    case 'imported': {
      const kept = (findings.graph?.nodes ?? []).filter((candidate) => fate.into.includes(candidate.name));
      if (kept.length > 0) return { ...row, ...keptFields(kept, findings) };
      return { ...row, state: 'rewritten', note: removedNote(findings.removed.get(fate.into.at(-1)!)) };
    }
  }
}

const absent = { ops: [], macs: 0, parameters: 0, activationBytes: 0, accumulator: null, note: '', reasons: [] };

function shapeOf(output: string, { survey, imported, graph }: Findings): readonly number[] | null {
  const name = survey.aliases.get(output) ?? output;
  return (imported?.values.get(name) ?? graph?.values.get(name))?.shape ?? null;
}

function foldedNote({ outputs }: SurveyedNode, { survey, imported }: Findings): string {
  const target = survey.aliases.get(outputs[0]!);
  return target !== undefined && imported?.values.has(target) === true ? 'has no effect' : 'computed at import';
}

function removedNote(removal: Removal | undefined): string {
  if (removal === undefined) return 'dropped';
  return removal.into === null ? `has no effect (${removal.by})` : `part of ${removal.into} (${removal.by})`;
}

function keptFields(kept: readonly Node[], { graph, target, activationBytes: bytes }: Findings) {
  const reasons = kept.flatMap(({ name }) => target.rejected.get(name) ?? []);
  const onHost = kept.every(({ name }) => target.onHost.has(name));
  const proofs = kept.flatMap(({ name }) => target.accumulators.get(name) ?? []);
  const widest =
    proofs.length === 0 ? null : proofs.reduce((most, proof) => (proof.neededBits > most.neededBits ? proof : most));
  const output = graph!.values.get(kept.at(-1)!.outputs[0]!)!;
  return {
    ops: kept.map(({ op }) => op),
    state: reasons.length > 0 ? ('rejected' as const) : onHost ? ('host' as const) : ('supported' as const),
    macs: kept.reduce((sum, node) => sum + getOp(node.op).macs(node, graph!), 0),
    parameters: parametersOf(graph!, kept),
    activationBytes: onHost ? 0 : elementCount(output.shape) * bytes,
    accumulator: widest && { neededBits: widest.neededBits, availableBits: widest.availableBits },
    note: onHost ? 'the host applies it' : '',
    reasons,
  };
}

/** Elements of the constants that these nodes read, each counted once. */
function parametersOf(graph: Graph, nodes: readonly Node[]): number {
  const names = new Set(nodes.flatMap(({ inputs }) => inputs));
  return [...names].reduce((sum, name) => sum + (graph.constants.get(name)?.data.length ?? 0), 0);
}
