/** The library for Node: the verbs of the flow, one export each. Values between them are plain immutable objects. */
export { allProfiles, getProfile } from './arithmetic/registry.ts';
export { BitwrightError, type ErrorCode, type Issue } from './base/errors.ts';
export type { Graph, Node, Value } from './graph/graph.ts';
export type { IntegerProgram } from './graph/integer-program.ts';
export type { QuantizationPlan } from './graph/quantization-plan.ts';
export { proveAccumulators } from './lower/accumulator-proof.ts';
export { createLowering, lower } from './lower/lower.ts';
export { buildPackage } from './package/build-package.ts';
export { pack } from './package/pack.ts';
export { unpack } from './package/unpack.ts';
export { dequantizeSamples, quantizeSamples } from './simulate/quantize-samples.ts';
export { runReference } from './simulate/reference-engine.ts';
