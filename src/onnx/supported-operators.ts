/** What the importer knows, and the refusal of what it does not: all operators of a model at once, with the names of their nodes. */
import { BitwrightError, type Issue } from '../base/errors.ts';
import { elementwiseFolders } from './fold/elementwise.ts';
import type { Folder } from './fold/folder.ts';
import { generatorFolders, shapeFolders } from './fold/generators.ts';
import { layoutFolders } from './fold/layout.ts';
import type { OnnxNode } from './import/onnx-node.ts';
import { quantizedFolders, quantizedImporters } from './import/quantized-table.ts';
import { type NodeImporter, nodeImporters } from './import/table.ts';

/** Maps, because a model may call an operator `constructor`. */
export const importers: ReadonlyMap<string, NodeImporter> = new Map(
  Object.entries({ ...nodeImporters, ...quantizedImporters }),
);
export const folders: ReadonlyMap<string, Folder> = new Map(
  Object.entries({ ...elementwiseFolders, ...layoutFolders, ...generatorFolders, ...quantizedFolders }),
);
export const shapeReaders: ReadonlyMap<string, Folder> = new Map(Object.entries(shapeFolders));

/** Operators that are taken on values, by name. */
export const valueOperators: readonly string[] = Object.keys(nodeImporters).sort();

/** Operators of quantized models; those of ONNX Runtime carry its domain. */
export const quantizedOperators: readonly string[] = Object.keys(quantizedImporters).sort();

/** Operators that are only computed on constants, or read shapes. */
export const constantOperators: readonly string[] = [...folders.keys(), ...shapeReaders.keys()]
  .filter((name) => !importers.has(name))
  .sort();

const controlFlow = new Set(['If', 'Loop', 'Scan']);

/** `Conv`, or `com.microsoft.QGemm` outside the ONNX domain. */
export function operatorName(node: OnnxNode): string {
  return node.domain === '' ? node.opType : `${node.domain}.${node.opType}`;
}

function isSupported(node: OnnxNode): boolean {
  const name = operatorName(node);
  return importers.has(name) || folders.has(name) || shapeReaders.has(name);
}

/** One issue per operator, naming up to eight nodes of it. */
export function refuseUnsupported(nodes: readonly OnnxNode[], opset: number): void {
  const byOperator = new Map<string, string[]>();
  for (const node of nodes.filter((candidate) => !isSupported(candidate))) {
    const operator = operatorName(node);
    const names = byOperator.get(operator) ?? [];
    byOperator.set(operator, names);
    names.push(node.name);
  }
  if (byOperator.size === 0) return;
  const issues = [...byOperator].map(([operator, names]): Issue => {
    const flow = controlFlow.has(operator);
    return {
      message: flow ? `control flow (${operator}) is not supported` : `operator ${operator} is not supported`,
      where: `node${names.length === 1 ? '' : 's'} ${names.slice(0, 8).join(', ')}${names.length > 8 ? ` and ${names.length - 8} more` : ''}`,
      seen: `opset ${opset}`,
      next: flow
        ? 'Export the model for a fixed input so that the branch is resolved.'
        : 'See docs/operators.md for what is supported.',
    };
  });
  throw new BitwrightError('MODEL_UNSUPPORTED', issues);
}
