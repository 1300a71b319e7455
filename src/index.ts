/** The library for Node: the verbs of the flow, one export each. Values between them are plain immutable objects. */
export { allProfiles, getProfile } from './arithmetic/registry.ts';
export { BitwrightError, type ErrorCode, type Issue } from './base/errors.ts';
export { calibrate } from './calibrate/calibrate.ts';
export type { Statistics } from './calibrate/statistics.ts';
export type { Dataset } from './data/dataset.ts';
export { loadDataset } from './data/load-dataset.ts';
export { loadTarget } from './data/targets.ts';
export type { Device, DeviceProvider } from './device/device.ts';
export { openDevice } from './device/registry.ts';
export { finetune } from './finetune/finetune.ts';
export type { Graph, Node, Value } from './graph/graph.ts';
export type { IntegerProgram } from './graph/integer-program.ts';
export type { QuantizationPlan } from './graph/quantization-plan.ts';
export { proveAccumulators } from './lower/accumulator-proof.ts';
export { givenPlan } from './lower/given-plan.ts';
export { createLowering, lower } from './lower/lower.ts';
export { importOnnx, importQuantizedOnnx } from './onnx/import-onnx.ts';
export { buildPackage } from './package/build-package.ts';
export { type Manifest, parseManifest } from './package/manifest.ts';
export { exportOnnx } from './package/onnx-export.ts';
export { pack } from './package/pack.ts';
export { unpack } from './package/unpack.ts';
export { rewrite } from './rewrites/rewrite.ts';
export { blendedSamples } from './search/blended-samples.ts';
export { type PreparedModel, prepareModel } from './search/prepare-model.ts';
export {
  type CalibrationSamples,
  defaultOptions,
  type QuantizationResult,
  type QuantizeOptions,
  quantizeModel,
} from './search/quantize-model.ts';
export type { CodeArray, SampleBatch, SimulationPool } from './simulate/engine.ts';
export { createSimulationPool } from './simulate/pool.ts';
export { dequantizeSamples, quantizeSamples } from './simulate/quantize-samples.ts';
export type { RealSamples } from './simulate/read-codes.ts';
export { runReference } from './simulate/reference-engine.ts';
