/** The library for browsers: run packages and compare codes where there is no file system. Nothing here reaches Node's modules. */
export { BitwrightError, type ErrorCode, type Issue } from './base/errors.ts';
export type { IntegerProgram } from './graph/integer-program.ts';
export { type Manifest, type Port, parseManifest } from './package/manifest.ts';
export { pack } from './package/pack.ts';
export { unpack } from './package/unpack.ts';
export type { CodeArray, SampleBatch, SimulationPool } from './simulate/engine.ts';
export { createSimulationPool, type SimulationPoolOptions } from './simulate/pool.ts';
export { dequantizeSamples, quantizeSamples } from './simulate/quantize-samples.ts';
export { runReference } from './simulate/reference-engine.ts';
