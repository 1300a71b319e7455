/** Checks that every value has the shape that its producer's operator infers: the guard after each rewrite. */
import { BitwrightError, type Issue } from '../base/errors.ts';
import type { Graph, Node, Value } from '../graph/graph.ts';
import { getOp } from '../ops/registry.ts';

/** Throws MODEL_INVALID with all disagreements. */
export function checkShapes(graph: Graph): void {
  const issues = graph.nodes.flatMap((node) => nodeIssues(graph, node));
  if (issues.length > 0) throw new BitwrightError('MODEL_INVALID', issues);
}

function nodeIssues(graph: Graph, node: Node): Issue[] {
  const inputs = node.inputs.map((name): Value => {
    const constant = graph.constants.get(name);
    if (constant !== undefined) return { name, dtype: constant.dtype, shape: constant.shape };
    return graph.values.get(name) ?? { name, dtype: 'float32', shape: [] };
  });
  const shapes = getOp(node.op).inferShapes(node, inputs, graph.constants);
  return node.outputs.flatMap((output, index): Issue[] => {
    const [seen, inferred] = [graph.values.get(output)!.shape.join(), shapes[index]?.join()];
    return seen === inferred
      ? []
      : [
          {
            message: `shape of ${output}`,
            where: `node ${node.name} (${node.op})`,
            seen: `[${seen}]`,
            allowed: `[${inferred}]`,
          },
        ];
  });
}
