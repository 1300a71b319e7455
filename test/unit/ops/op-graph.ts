/** A case of the op suite as a graph with random constants and inputs. */
import { seededRandom } from '../../../src/base/random.ts';
import { elementCount, floatTensor, type Tensor } from '../../../src/base/tensor.ts';
import type { Graph, Node } from '../../../src/graph/graph.ts';
import { getOp } from '../../../src/ops/registry.ts';
import type { OpCase } from './op-cases.ts';

export interface OpGraph {
  readonly graph: Graph;
  readonly node: Node;
  /** Activation inputs by name. */
  readonly inputs: ReadonlyMap<string, Tensor>;
}

/** The case as a graph with random constants and inputs. */
export function opGraph(opCase: OpCase, seed: number): OpGraph {
  const random = seededRandom(seed);
  const [low, high] = opCase.range ?? [-2, 3];
  const inputs = new Map<string, Tensor>();
  const constants = new Map<string, Tensor>();
  opCase.values.forEach((shape, index) => {
    const count = elementCount(shape);
    const { indicesBelow } = opCase;
    const tensor: Tensor =
      indicesBelow === undefined
        ? floatTensor(
            shape,
            Float32Array.from({ length: count }, () => low + (high - low) * random.next()),
          )
        : {
            dtype: 'int64',
            shape,
            data: BigInt64Array.from({ length: count }, () => BigInt(random.integer(0, indicesBelow - 1))),
          };
    inputs.set(`x${index}`, tensor);
  });
  (opCase.constants ?? []).forEach((shape, index) => {
    const draw = (): number => (opCase.positiveConstants ? 0.2 + random.next() : random.normal());
    constants.set(`c${index}`, floatTensor(shape, Float32Array.from({ length: elementCount(shape) }, draw)));
  });
  const names = opCase.constantFirst
    ? [...constants.keys(), ...inputs.keys()]
    : [...inputs.keys(), ...constants.keys()];
  const outputs = Array.from({ length: opCase.outputs ?? 1 }, (_, index) => `y${index}`);
  const node = { name: opCase.name, op: opCase.op, inputs: names, outputs, attributes: opCase.attributes ?? {} };
  const values = new Map([...inputs].map(([name, { dtype, shape }]) => [name, { name, dtype, shape }]));
  const shapes = getOp(opCase.op).inferShapes(node, [...values.values()], constants);
  outputs.forEach((name, index) => {
    values.set(name, { name, dtype: opCase.op === 'arg-max' ? 'int64' : 'float32', shape: shapes[index] });
  });
  const graph = { name: opCase.name, nodes: [node], values, constants, inputs: [...inputs.keys()], outputs };
  return { graph, node, inputs };
}
