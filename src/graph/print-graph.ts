/** A graph as stable text, one line a node: what golden files and --explain show. Weights are printed as shape and CRC. */
import { crc32 } from '../base/bytes.ts';
import type { Tensor } from '../base/tensor.ts';
import type { Attribute, Graph, Node } from './graph.ts';

export function printGraph(graph: Graph): string {
  const head = `graph ${graph.name}`;
  const inputs = graph.inputs.map((name) => `input ${printValue(graph, name)}`);
  const outputs = graph.outputs.map((name) => `output ${printValue(graph, name)}`);
  return `${[head, ...inputs, ...graph.nodes.map((node) => printNode(graph, node)), ...outputs].join('\n')}\n`;
}

function printNode(graph: Graph, node: Node): string {
  const inputs = node.inputs.map((input) => printInput(graph, input)).join(', ');
  const attributes = Object.keys(node.attributes)
    .sort()
    .map((name) => ` ${name}=${printAttribute(node.attributes[name]!)}`);
  return `${node.outputs.map((output) => printValue(graph, output)).join(', ')} = ${node.op} "${node.name}" (${inputs})${attributes.join('')}`;
}

function printInput(graph: Graph, name: string): string {
  const constant = graph.constants.get(name);
  if (constant === undefined) return name === '' ? '-' : name;
  return `${name}:${constant.dtype}[${constant.shape.join(',')}]#${checksum(constant)}`;
}

function checksum(tensor: Tensor): string {
  const bytes = new Uint8Array(tensor.data.buffer, tensor.data.byteOffset, tensor.data.byteLength);
  return crc32(bytes).toString(16).padStart(8, '0');
}

function printValue(graph: Graph, name: string): string {
  const value = graph.values.get(name);
  return value === undefined ? `${name}:?` : `${name}:${value.dtype}[${value.shape.join(',')}]`;
}

function printAttribute(attribute: Attribute): string {
  if (attribute === null || typeof attribute !== 'object') return String(attribute);
  if (Array.isArray(attribute)) return `[${attribute.join(',')}]`;
  const { min, max } = attribute as { min: number; max: number };
  return `[${min}..${max}]`;
}
