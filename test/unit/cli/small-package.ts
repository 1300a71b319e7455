/** Writes a real package of the small test network into a folder, for commands that start from OUT/. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { getProfile } from '../../../src/arithmetic/registry.ts';
import { seededRandom } from '../../../src/base/random.ts';
import { floatTensor } from '../../../src/base/tensor.ts';
import { lower } from '../../../src/lower/lower.ts';
import { buildPackage } from '../../../src/package/build-package.ts';
import { quantizeSamples } from '../../../src/simulate/quantize-samples.ts';
import { runReference } from '../../../src/simulate/reference-engine.ts';
import { rangePlan, runFloatGraph, smallNetwork } from '../../support/small-network.ts';

export async function writeSmallPackage(folder: string, options: Record<string, unknown> = {}): Promise<void> {
  const graph = smallNetwork(3);
  const random = seededRandom(3);
  const data = Float32Array.from({ length: 105 }, () => random.next());
  const image = floatTensor([1, 3, 7, 5], data);
  const profile = getProfile('cmsis-nn');
  const plan = rangePlan(graph, [runFloatGraph(graph, image)], 4);
  const program = lower(graph, plan, profile);
  const tensor = program.tensors[program.inputs[0]!]!;
  const { inputs } = quantizeSamples([{ tensor, samples: image }], profile.quantizeInput);
  const files = await buildPackage({
    version: '0.0.0',
    graph,
    plan,
    program,
    profile,
    target: 'rp2040-pico',
    model: { name: 'small', sha256: '00' },
    options,
    quantization: {},
    environment: {},
    golden: { samples: 1, inputs, outputs: runReference(program, inputs), operations: [] },
    onnx: null,
  });
  mkdirSync(folder, { recursive: true });
  for (const [name, bytes] of files) writeFileSync(join(folder, name), bytes);
}
