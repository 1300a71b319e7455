/** An ONNX file as the graph that everything after works on: imported, then rewritten. */
import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { BitwrightError } from '../../base/errors.ts';
import { sha256Hex } from '../../base/sha256.ts';
import type { Graph } from '../../graph/graph.ts';
import { importOnnx } from '../../onnx/import-onnx.ts';
import { inlineExternalData } from '../../onnx/inline-external-data.ts';
import { rewrite } from '../../rewrites/rewrite.ts';
import { readUserFile } from './read-file.ts';

export interface LoadedModel {
  readonly path: string;
  /** File name, for titles and the manifest. */
  readonly name: string;
  /** The model with its external data put in, as every engine takes it. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly sha256: string;
  /** As in the file. */
  readonly imported: Graph;
  readonly graph: Graph;
  /** Names of the rewrites that changed something, in order. */
  readonly rewrites: readonly string[];
}

export async function loadModel(path: string): Promise<LoadedModel> {
  const file = await readUserFile(path, 'Give an ONNX file.');
  const name = basename(path);
  const bytes = inlineExternalData(file, name, (location) => readBeside(path, location));
  const imported = importOnnx(bytes, { name });
  const rewrites: string[] = [];
  const graph = rewrite(imported, { onStep: (step) => rewrites.push(step) });
  return { path, name, bytes, sha256: await sha256Hex(file), imported, graph, rewrites };
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
