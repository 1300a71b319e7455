/** Brings ONNX nodes into execution order and finds what has no producer, two producers, or goes round in a circle. */
import { BitwrightError, type Issue } from '../base/errors.ts';
import type { OnnxNode } from './import/onnx-node.ts';

/** `known` are the names of graph inputs and initializers. The order of the file is kept where it is valid already. Throws MODEL_INVALID. */
export function sortNodes(nodes: readonly OnnxNode[], known: ReadonlySet<string>): OnnxNode[] {
  const issues: Issue[] = [];
  const producers = new Map<string, number>();
  nodes.forEach((node, index) => {
    for (const output of node.outputs) {
      if (output === '') continue;
      if (producers.has(output) || known.has(output))
        issues.push({ message: `output ${output} has another producer too`, where: `node ${node.name}` });
      producers.set(output, index);
    }
  });
  nodes.forEach((node) => {
    const missing = node.inputs.filter((input) => input !== '' && !producers.has(input) && !known.has(input));
    for (const input of missing)
      issues.push({ message: `reads ${input}, which nothing produces`, where: `node ${node.name} (${node.opType})` });
  });
  if (issues.length > 0) throw new BitwrightError('MODEL_INVALID', issues);
  return inOrder(nodes, producers);
}

/** Kahn's algorithm, always taking the earliest ready node of the file. */
function inOrder(nodes: readonly OnnxNode[], producers: ReadonlyMap<string, number>): OnnxNode[] {
  const waiting = nodes.map((node) => new Set(node.inputs.flatMap((input) => producers.get(input) ?? [])));
  const consumers = nodes.map((): number[] => []);
  waiting.forEach((sources, index) => {
    for (const source of sources) consumers[source]!.push(index);
  });
  const done = new Uint8Array(nodes.length);
  const order: OnnxNode[] = [];
  const take = (first: number): void => {
    const stack = [first];
    while (stack.length > 0) {
      const index = stack.pop()!;
      done[index] = 1;
      order.push(nodes[index]!);
      for (const consumer of consumers[index]!) {
        waiting[consumer]!.delete(index);
        // A later node is reached by the scan below; only those that the scan has passed are taken here.
        if (waiting[consumer]!.size === 0 && done[consumer] === 0 && consumer < first) stack.push(consumer);
      }
    }
  };
  for (let index = 0; index < nodes.length; index++) if (done[index] === 0 && waiting[index]!.size === 0) take(index);
  if (order.length < nodes.length) {
    const circle = nodes.filter((_, index) => done[index] === 0).map((node) => node.name);
    throw new BitwrightError('MODEL_INVALID', {
      message: 'the graph goes round in a circle',
      seen: `nodes ${circle.slice(0, 8).join(', ')}`,
      next: 'ONNX graphs must have no cycles.',
    });
  }
  return order;
}
