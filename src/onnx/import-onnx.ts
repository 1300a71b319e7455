/** ONNX bytes to the float IR, or everything that is wrong with them. */
import type { Graph } from '../graph/graph.ts';
import { createNotes, type QuantizationNotes } from './quantization-notes.ts';
import { type ImportOptions, surveyOnnx } from './survey-onnx.ts';

export type { ImportOptions } from './survey-onnx.ts';

/**
 * Imports a model of opset 7 to 22 with batch 1. Throws MODEL_INVALID (damaged file, cycles, shapes that do not fit) or
 * MODEL_UNSUPPORTED (operators, types, dynamic shapes), with all issues of the model.
 */
export function importOnnx(bytes: Uint8Array, options: ImportOptions = {}): Graph {
  return importModel(bytes, options, null);
}

/**
 * Imports a model that is quantized already, in QDQ or operator form: the float graph that it stands for, whose weights are the
 * model's codes times their scales, and the scales. Throws as `importOnnx`.
 */
export function importQuantizedOnnx(
  bytes: Uint8Array,
  options: ImportOptions = {},
): { readonly graph: Graph; readonly notes: QuantizationNotes } {
  const notes = createNotes();
  return { graph: importModel(bytes, options, notes), notes };
}

function importModel(bytes: Uint8Array, options: ImportOptions, notes: QuantizationNotes | null): Graph {
  const { graph, error } = surveyOnnx(bytes, options, notes);
  if (error !== null) throw error;
  return graph!;
}
