/** An ONNX file as the graph that everything after works on: imported, then rewritten. */
import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { BitwrightError } from '../../base/errors.ts';
import { sha256Hex } from '../../base/sha256.ts';
import type { Graph } from '../../graph/graph.ts';
import { type ImportOptions, importOnnx, importQuantizedOnnx } from '../../onnx/import-onnx.ts';
import { inlineExternalData } from '../../onnx/inline-external-data.ts';
import type { QuantizationNotes } from '../../onnx/quantization-notes.ts';
import { rewrite } from '../../rewrites/rewrite.ts';
import { readUserFile } from './read-file.ts';

export interface ModelFile {
  readonly path: string;
  /** File name, for titles and the manifest. */
  readonly name: string;
  /** The model with its external data put in, as every engine takes it. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Of the file as it is on disk. */
  readonly sha256: string;
}

export interface LoadedModel extends ModelFile {
  readonly graph: Graph;
}

export interface QuantizedModel extends ModelFile {
  readonly graph: Graph;
  readonly notes: QuantizationNotes;
}

export async function readModelFile(path: string): Promise<ModelFile> {
  const file = await readUserFile(path, 'Give an ONNX file.');
  return { path, name: basename(path), bytes: withExternalData(path, file), sha256: await sha256Hex(file) };
}

/** `file` holds the bytes of `path`; the result holds its external data too. */
export function withExternalData(path: string, file: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return inlineExternalData(file, basename(path), (location) => readBeside(path, location));
}

export async function loadModel(path: string, dimensions: ImportOptions['dimensions'] = {}): Promise<LoadedModel> {
  const file = await readModelFile(path);
  return { ...file, graph: rewrite(importOnnx(file.bytes, { name: file.name, dimensions })) };
}

/** A model that is quantized already. Throws MODEL_UNSUPPORTED for one that has no scales at all. */
export async function loadQuantizedModel(
  path: string,
  dimensions: ImportOptions['dimensions'] = {},
): Promise<QuantizedModel> {
  const file = await readModelFile(path);
  const { graph, notes } = importQuantizedOnnx(file.bytes, { name: file.name, dimensions });
  if (notes.activations.size + notes.weights.size === 0) {
    throw new BitwrightError('MODEL_UNSUPPORTED', {
      message: 'is a float model: it has no QuantizeLinear, DequantizeLinear or QLinear operator',
      where: file.name,
      next: 'Use bitwright quantize, which finds the scales.',
    });
  }
  return { ...file, graph: rewrite(graph), notes };
}

/** Weights that the model keeps in a file of their own. The importer has checked that the location stays in the folder. */
function readBeside(path: string, location: string): Uint8Array {
  const file = join(dirname(path), location);
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new BitwrightError(
      'FILE_NOT_FOUND',
      { message: 'the external data of the model cannot be read', where: file, next: 'Keep it beside the model.' },
      { cause },
    );
  }
}
