/** The parts of a ModelProto, decoded and named, before anything is made of them: operator set, initializers, nodes, inputs. */
import { BitwrightError, type Issue } from '../base/errors.ts';
import type { Tensor } from '../base/tensor.ts';
import type { Value } from '../graph/graph.ts';
import { decodeTensor } from './decode-tensor.ts';
import type { ExternalData } from './external-data.ts';
import { type InputOptions, readInputs, strangeDimensions } from './graph-inputs.ts';
import { type OnnxNode, readNode } from './import/onnx-node.ts';
import { type GraphProto, int64ToNumber, type ModelProto } from './model-proto.ts';
import { uniqueNames } from './unique-names.ts';

export const opsetMin = 7;
export const opsetMax = 22;
const nodesMax = 65536;

/** The version of the ONNX operator set; MODEL_UNSUPPORTED outside 7 to 22. */
export function readOpset(model: ModelProto, where: string): number {
  const entry = model.opsetImport.find(({ domain }) => domain === undefined || domain === '' || domain === 'ai.onnx');
  const version = entry?.version === undefined ? Number.NaN : int64ToNumber(entry.version);
  if (version >= opsetMin && version <= opsetMax) return version;
  throw new BitwrightError('MODEL_UNSUPPORTED', {
    message: 'ONNX operator set version',
    where,
    seen: Number.isNaN(version) ? 'none' : version,
    allowed: `${opsetMin} to ${opsetMax}`,
    next: 'Export with another opset, or convert with onnx.version_converter.',
  });
}

/** All initializers, decoded. */
export function readInitializers(graph: GraphProto, externalData?: ExternalData): Map<string, Tensor> {
  const issues: Issue[] = [];
  const constants = new Map<string, Tensor>();
  if ((graph.sparseInitializer ?? []).length > 0)
    issues.push({ message: 'sparse initializers are not supported', seen: graph.sparseInitializer!.length });
  for (const proto of graph.initializer) {
    const name = proto.name ?? '';
    if (name === '' || constants.has(name))
      issues.push({ message: 'an initializer has no name of its own', seen: JSON.stringify(name) });
    else collect(issues, () => constants.set(name, decodeTensor(proto, `initializer ${name}`, externalData)));
  }
  if (issues.length > 0) throw new BitwrightError('MODEL_INVALID', issues);
  return constants;
}

/** Reads all nodes; a node without a name is called after its operator and first output. */
export function readNodes(graph: GraphProto, externalData?: ExternalData): OnnxNode[] {
  if (graph.node.length > nodesMax)
    throw new BitwrightError('MODEL_INVALID', {
      message: 'too many nodes',
      seen: graph.node.length,
      allowed: nodesMax,
    });
  const issues: Issue[] = [];
  const unique = uniqueNames();
  const nodes = graph.node.flatMap((proto) => {
    const name = unique(proto.name || `${proto.opType ?? ''}_${proto.output[0] ?? ''}`);
    return collect(issues, () => readNode(proto, name, externalData)) ?? [];
  });
  for (const node of nodes)
    if ((node.outputs[0] ?? '') === '') issues.push({ message: 'has no output', where: `node ${node.name}` });
  if (issues.length > 0) throw new BitwrightError('MODEL_INVALID', issues);
  return nodes;
}

function collect<T>(issues: Issue[], action: () => T): T | undefined {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof BitwrightError) || error.code === 'INTERNAL') throw error;
    issues.push(...error.issues);
    return undefined;
  }
}

/** The graph's inputs as values, batch 1. */
export function checkedInputs(
  graph: GraphProto,
  constants: ReadonlyMap<string, Tensor>,
  options: InputOptions,
): Value[] {
  const issues: Issue[] = [];
  const inputs = readInputs(graph, constants, options, issues);
  issues.push(...strangeDimensions(graph, options.dimensions));
  if (issues.length === 0 && inputs.length === 0) issues.push({ message: 'the graph has no inputs' });
  if (new Set(inputs.map((value) => value.name)).size !== inputs.length)
    issues.push({ message: 'two graph inputs have one name' });
  if (issues.length > 0) throw new BitwrightError('MODEL_UNSUPPORTED', issues);
  return inputs;
}
