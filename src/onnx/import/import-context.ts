/**
 * What the importer of an operator works with: constants and values seen so far, and `emit`, which appends IR nodes with their
 * inferred shapes. A node whose inputs are all constants is computed at once by its float reference, so weights that a model
 * computes from other constants arrive as plain constants.
 */
import { elementCount, type Shape, type Tensor } from '../../base/tensor.ts';
import type { Attributes, Node, Value } from '../../graph/graph.ts';
import { getOp } from '../../ops/registry.ts';
import type { FoldBudget } from '../fold/fold-budget.ts';
import { floatsOf } from '../fold/number-array.ts';
import type { QuantizationNotes } from '../quantization-notes.ts';
import { uniqueNames } from '../unique-names.ts';
import { invalid, type OnnxNode, unsupported } from './onnx-node.ts';

export type FloatConstant = Tensor<Float32Array<ArrayBuffer>>;

export interface ImportContext {
  /** Version of the ONNX operator set. */
  readonly opset: number;
  readonly budget: FoldBudget;
  /** Where a quantized model's scales are noted; null in the import of a float model. */
  readonly notes: QuantizationNotes | null;
  /** The constant behind a name, if it is one. */
  constant(name: string): Tensor | undefined;
  /** dtype and shape of a value or constant. */
  value(node: OnnxNode, name: string): Value;
  /**
   * A constant made from another one, under `source/role`. The role says all that it is made by: nodes that ask for the same
   * one share it.
   */
  derive(source: string, role: string, make: () => Tensor): string;
  /** Appends an IR node. A suffix tells apart the nodes that come from one ONNX node; the name of the last one has none. */
  emit(
    node: OnnxNode,
    op: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes?: Attributes,
    suffix?: string,
  ): void;
  /** The nodes of the file that read a name of it. */
  readersOf(name: string): readonly OnnxNode[];
  /** Makes `name` another name of an existing value or constant. */
  alias(name: string, target: string): void;
}

/** What an import has gathered; `nodes` in execution order. */
export interface ImportState {
  readonly nodes: Node[];
  readonly values: Map<string, Value>;
  readonly constants: Map<string, Tensor>;
  readonly aliases: Map<string, string>;
  readonly budget: FoldBudget;
  readonly notes: QuantizationNotes | null;
}

export function createContext(opset: number, state: ImportState, nodes: readonly OnnxNode[]): ImportContext {
  const { values, constants, aliases } = state;
  const resolve = (name: string): string => aliases.get(name) ?? name;
  const find = (name: string): Value | undefined => {
    const resolved = resolve(name);
    const constant = constants.get(resolved);
    return constant === undefined
      ? values.get(resolved)
      : { name: resolved, dtype: constant.dtype, shape: constant.shape };
  };
  const unique = uniqueNames((name) => constants.has(name) || values.has(name) || aliases.has(name));
  const derived = new Map<string, string>();
  const context: ImportContext = {
    opset,
    budget: state.budget,
    notes: state.notes,
    constant: (name) => constants.get(resolve(name)),
    value: (node, name) =>
      find(name) ?? invalid(node, `reads ${name === '' ? 'an absent input' : name}, which nothing produces`),
    derive: (source, role, make) => {
      const key = `${resolve(source)}/${role}`;
      const known = derived.get(key);
      if (known !== undefined) return known;
      const tensor = make();
      state.budget.spendElements(tensor.data.length);
      const name = unique(key);
      constants.set(name, tensor);
      derived.set(key, name);
      state.notes?.sources.set(name, resolve(source));
      return name;
    },
    readersOf: (name) => nodes.filter((node) => node.inputs.includes(name)),
    alias: (name, target) => {
      aliases.set(name, resolve(target));
    },
    emit: (source, op, inputs, outputs, attributes = {}, suffix) => {
      const name = suffix === undefined ? source.name : `${source.name}/${suffix}`;
      const resolved = inputs.map(resolve);
      const seen = resolved.map((input) => (input === '' ? absent : context.value(source, input)));
      const node: Node = { name, op, inputs: resolved, outputs, attributes };
      const shapes = getOp(op).inferShapes(node, seen, constants);
      const dtype = op === 'arg-max' ? 'int64' : 'float32';
      if (resolved.every((input) => input === '' || constants.has(input))) {
        foldNode(node, seen, shapes, state);
        return;
      }
      state.nodes.push(node);
      outputs.forEach((output, index) => {
        const shape = shapes[index]!;
        if (!Number.isSafeInteger(elementCount(shape) * 8) || !shape.every((size) => size >= 1)) {
          invalid(source, 'has an output of a shape that cannot be', {
            seen: `[${shape.join(',')}]`,
            allowed: 'sizes of 1 and up',
          });
        }
        values.set(output, { name: output, dtype, shape });
      });
    },
  };
  return context;
}

const absent: Value = { name: '', dtype: 'float32', shape: [] };

/** Computes a node whose inputs are all constants. */
function foldNode(node: Node, inputs: readonly Value[], shapes: readonly Shape[], state: ImportState): void {
  const op = getOp(node.op);
  const outputs = node.outputs.map((name, index): Value => ({ name, dtype: 'float32', shape: shapes[index]! }));
  const values = new Map([...inputs, ...outputs].map((value) => [value.name, value]));
  const macs = op.macs(node, { name: '', nodes: [node], values, constants: state.constants, inputs: [], outputs: [] });
  state.budget.spendElements(outputs.reduce((sum, value) => sum + elementCount(value.shape), 0));
  state.budget.spendMacs(macs);
  const tensors = node.inputs.map((input) => state.constants.get(input)).map((tensor) => tensor && widened(tensor));
  op.runFloat(node, tensors).forEach((tensor, index) => {
    state.constants.set(node.outputs[index]!, tensor);
  });
}

/** Float references take float32 and, for indices, int64 or int32. */
function widened(tensor: Tensor): Tensor {
  if (tensor.dtype === 'int64' || tensor.dtype === 'int32') return tensor;
  return { dtype: 'float32', shape: tensor.shape, data: floatsOf(tensor) };
}

/** A constant input as float32, or MODEL_UNSUPPORTED saying that `role` must be a constant. */
export function floatConstant(context: ImportContext, node: OnnxNode, index: number, role: string): FloatConstant {
  const tensor = requireConstant(context, node, index, role);
  return { dtype: 'float32', shape: tensor.shape, data: floatsOf(tensor) };
}

export function requireConstant(context: ImportContext, node: OnnxNode, index: number, role: string): Tensor {
  const name = node.inputs[index] ?? '';
  if (name === '') return invalid(node, `has no input for its ${role}`);
  return (
    context.constant(name) ??
    unsupported(node, `its ${role} (${name}) is computed at run time`, { allowed: 'a constant' })
  );
}

/** The name of a constant input as float32: its own where it is that already. */
export function floatConstantName(context: ImportContext, node: OnnxNode, index: number, role: string): string {
  const tensor = requireConstant(context, node, index, role);
  const name = node.inputs[index]!;
  if (tensor.dtype === 'float32') return name;
  return context.derive(name, 'float', () => floatConstant(context, node, index, role));
}
