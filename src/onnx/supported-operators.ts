/** What the importer knows, and the refusal of what it does not, with a way out. */
import type { Issue } from '../base/errors.ts';
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

/** Operators of models whose scales are found anew for every input. */
const dynamicQuantization = new Set(['DynamicQuantizeLinear', 'ConvInteger', 'MatMulInteger']);

/** `Conv`, or `com.microsoft.QGemm` outside the ONNX domain. */
export function operatorName(node: OnnxNode): string {
  return node.domain === '' ? node.opType : `${node.domain}.${node.opType}`;
}

/** Why no node of this operator is taken, with a way out; undefined where the operator is known. */
export function refusalOf(node: OnnxNode): Issue | undefined {
  const operator = operatorName(node);
  if (importers.has(operator) || folders.has(operator) || shapeReaders.has(operator)) return undefined;
  if (controlFlow.has(operator)) {
    return {
      message: `control flow (${operator}) is not supported`,
      next: 'Export the model for a fixed input so that the branch is resolved.',
    };
  }
  return dynamicQuantization.has(operator)
    ? {
        message: `dynamic quantization (${operator}) is not supported: its scales are computed at run time`,
        next: 'Quantize the model statically, or give the float model to bitwright quantize.',
      }
    : { message: `operator ${operator} is not supported`, next: 'See docs/operators.md for what is supported.' };
}

/** One issue per operator that is not supported, naming up to eight nodes of it. */
export function unsupportedOperators(nodes: readonly OnnxNode[], opset: number | undefined): Issue[] {
  const byOperator = new Map<string, { readonly refusal: Issue; readonly names: string[] }>();
  for (const node of nodes) {
    const refusal = refusalOf(node);
    if (refusal === undefined) continue;
    const entry = byOperator.get(operatorName(node)) ?? { refusal, names: [] };
    byOperator.set(operatorName(node), entry);
    entry.names.push(node.name);
  }
  const shown = (names: readonly string[]): string =>
    `node${names.length === 1 ? '' : 's'} ${names.slice(0, 8).join(', ')}${names.length > 8 ? ` and ${names.length - 8} more` : ''}`;
  return [...byOperator.values()].map(({ refusal, names }) => ({
    ...refusal,
    where: shown(names),
    ...(opset === undefined ? {} : { seen: `opset ${opset}` }),
  }));
}
