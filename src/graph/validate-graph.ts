/** Checks that a graph is whole: names, order, producers, constants and attributes. What an operator asks of its inputs is checked by the operator's own shape inference. */
import { BitwrightError, type Issue } from '../base/errors.ts';
import { elementCount } from '../base/tensor.ts';
import type { Graph, Node } from './graph.ts';

/** Throws MODEL_INVALID with all issues. Both ends of every rewrite call it. */
export function validateGraph(graph: Graph): void {
  const issues: Issue[] = [...nodeIssues(graph), ...constantIssues(graph), ...valueIssues(graph)];
  for (const output of graph.outputs)
    if (!graph.values.has(output))
      issues.push({ message: 'is no value of the graph', where: `graph output ${output}` });
  if (graph.outputs.length === 0) issues.push({ message: 'the graph has no outputs' });
  if (issues.length > 0) throw new BitwrightError('MODEL_INVALID', issues);
}

function nodeIssues(graph: Graph): Issue[] {
  const issues: Issue[] = [];
  const names = new Set<string>();
  const ready = new Set<string>(graph.inputs);
  for (const node of graph.nodes) {
    const where = `node ${node.name} (${node.op})`;
    if (node.name === '' || names.has(node.name)) issues.push({ message: 'has no name of its own', where });
    names.add(node.name);
    for (const input of node.inputs) {
      if (input !== '' && !ready.has(input) && !graph.constants.has(input))
        issues.push({ message: `reads ${input} before anything produces it`, where });
    }
    if (node.outputs.length === 0) issues.push({ message: 'has no outputs', where });
    for (const output of node.outputs) {
      if (ready.has(output) || graph.constants.has(output))
        issues.push({ message: `output ${output} has another producer too`, where });
      if (!graph.values.has(output)) issues.push({ message: `output ${output} has no shape`, where });
      ready.add(output);
    }
    issues.push(...attributeIssues(node, where));
  }
  return issues;
}

function attributeIssues(node: Node, where: string): Issue[] {
  return Object.entries(node.attributes).flatMap(([name, value]): Issue[] => {
    const numbers = typeof value === 'number' ? [value] : Array.isArray(value) ? (value as readonly number[]) : [];
    return numbers.some((number) => !Number.isFinite(number))
      ? [{ message: `attribute ${name} is not finite`, where, seen: `${value}` }]
      : [];
  });
}

function constantIssues(graph: Graph): Issue[] {
  return [...graph.constants].flatMap(([name, tensor]): Issue[] => {
    const where = `constant ${name}`;
    if (tensor.data.length !== elementCount(tensor.shape))
      return [
        {
          message: 'data does not fit its shape',
          where,
          seen: tensor.data.length,
          allowed: elementCount(tensor.shape),
        },
      ];
    if (!(tensor.data instanceof Float32Array)) return [];
    return tensor.data.every(Number.isFinite)
      ? []
      : [{ message: 'holds NaN or infinity', where, next: 'Check the training; such weights cannot be quantized.' }];
  });
}

function valueIssues(graph: Graph): Issue[] {
  const produced = new Set([...graph.inputs, ...graph.nodes.flatMap((node) => node.outputs)]);
  return [...graph.values].flatMap(([name, value]): Issue[] => {
    const where = `value ${name}`;
    if (value.name !== name) return [{ message: 'is listed under another name', where, seen: value.name }];
    if (!produced.has(name)) return [{ message: 'is produced by nothing', where }];
    return value.shape.every((size) => Number.isInteger(size) && size >= 1)
      ? []
      : [{ message: 'shape', where, seen: `[${value.shape.join(',')}]` }];
  });
}
