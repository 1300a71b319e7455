/** Importers and folders of quantized models, by operator name; those of ONNX Runtime carry its domain. */
import type { Folder } from '../fold/folder.ts';
import * as qlinear from './qlinear.ts';
import {
  foldDequantizeLinear,
  foldQuantizeLinear,
  importDequantizeLinear,
  importQuantizeLinear,
} from './quantize-linear.ts';
import type { NodeImporter } from './table.ts';

export const quantizedImporters: Readonly<Record<string, NodeImporter>> = {
  QuantizeLinear: importQuantizeLinear,
  DequantizeLinear: importDequantizeLinear,
  QLinearConv: qlinear.importQLinearConv,
  QLinearMatMul: qlinear.importQLinearMatMul,
  'com.microsoft.QuantizeLinear': importQuantizeLinear,
  'com.microsoft.DequantizeLinear': importDequantizeLinear,
  'com.microsoft.QGemm': qlinear.importQGemm,
  'com.microsoft.QLinearAdd': qlinear.importQLinearAdd,
  'com.microsoft.QLinearMul': qlinear.importQLinearMul,
  'com.microsoft.QLinearAveragePool': qlinear.importQLinearAveragePool,
  'com.microsoft.QLinearGlobalAveragePool': qlinear.importQLinearGlobalAveragePool,
  'com.microsoft.QLinearSigmoid': qlinear.importQLinearSigmoid,
  'com.microsoft.QLinearLeakyRelu': qlinear.importQLinearLeakyRelu,
  'com.microsoft.QLinearSoftmax': qlinear.importQLinearSoftmax,
  'com.microsoft.QLinearConcat': qlinear.importQLinearConcat,
};

export const quantizedFolders: Readonly<Record<string, Folder>> = {
  DequantizeLinear: foldDequantizeLinear,
  QuantizeLinear: foldQuantizeLinear,
  'com.microsoft.DequantizeLinear': foldDequantizeLinear,
  'com.microsoft.QuantizeLinear': foldQuantizeLinear,
};
