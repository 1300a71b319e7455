/** A whole run against a device that computes one layer in a wrong way that happens: found, located and explained. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { getProfile } from '../../../src/arithmetic/registry.ts';
import { seededRandom } from '../../../src/base/random.ts';
import { floatTensor } from '../../../src/base/tensor.ts';
import type { Device } from '../../../src/device/device.ts';
import type { IntegerOperation, IntegerProgram } from '../../../src/graph/integer-program.ts';
import { lower } from '../../../src/lower/lower.ts';
import { pack } from '../../../src/package/pack.ts';
import type { CodeArray, SimulationPool } from '../../../src/simulate/engine.ts';
import { createSimulationPool } from '../../../src/simulate/pool.ts';
import { quantizeSamples } from '../../../src/simulate/quantize-samples.ts';
import { runReference } from '../../../src/simulate/reference-engine.ts';
import { explainDivergence } from '../../../src/validate/explain-divergence.ts';
import { codeChecksum } from '../../../src/validate/first-divergence.ts';
import { sampleOf, type Validation, validate } from '../../../src/validate/validate.ts';
import { rangePlan, runFloatGraph, smallNetwork } from '../../support/small-network.ts';

const samples = 40;
const graph = smallNetwork(5);
const random = seededRandom(5);
const images = floatTensor(
  [samples, 3, 7, 5],
  Float32Array.from({ length: 105 * samples }, () => random.next()),
);
const profile = getProfile('cmsis-nn');
const first = floatTensor([1, 3, 7, 5], images.data.slice(0, 105));
const program = lower(graph, rangePlan(graph, [runFloatGraph(graph, first)], 8), profile);
const batch = quantizeSamples(
  [{ tensor: program.tensors[program.inputs[0]!]!, samples: images }],
  profile.quantizeInput,
);

let pool: SimulationPool;
beforeAll(async () => {
  pool = await createSimulationPool({ workers: 1 });
});
afterAll(() => pool.close());

/** The reference engine with one layer changed. */
function deviceWithWrongLayer(layer: string, change: (operation: IntegerOperation) => IntegerOperation): Device {
  const wrong: IntegerProgram = {
    ...program,
    operations: program.operations.map((entry) => (entry.name === layer ? change(entry) : entry)),
  };
  const layersOf = (inputs: readonly CodeArray[]): CodeArray[] => {
    const layers: CodeArray[] = [];
    runReference(wrong, inputs, (_, index, output) => {
      layers[index] = output.slice() as CodeArray;
    });
    return layers;
  };
  return {
    info: {
      id: 'wrong',
      kind: 'wrong',
      evidence: 'simulator',
      profiles: ['cmsis-nn'],
      programBytesMax: Number.POSITIVE_INFINITY,
      arenaBytesMax: Number.POSITIVE_INFINITY,
      costUnit: 'none',
    },
    link: null,
    load: async () => ({ arenaBytes: program.arenaBytes }),
    run: async (inputs) => ({ outputs: runReference(wrong, inputs), cost: null }),
    trace: async (inputs) => {
      const checksums = layersOf(inputs).map(codeChecksum);
      return { checksums, costs: checksums.map(() => null) };
    },
    readOperation: async (inputs, operation) => layersOf(inputs)[operation]!,
    close: async () => {},
  };
}

function run(device: Device): Promise<Validation> {
  return validate(
    {
      program: pack(program),
      profile: 'cmsis-nn',
      arenaBytes: program.arenaBytes,
      operations: program.operations,
    },
    device,
    pool,
    {
      samples,
      tracedSamples: samples,
      read: async (start, count) => ({
        samples: count,
        inputs: batch.inputs.map((codes) => {
          const parts = Array.from({ length: count }, (_, index) => [...sampleOf(codes, start + index, samples)]);
          return Int8Array.from(parts.flat());
        }),
      }),
      explain: (operation, inputs, actual) => explainDivergence(program, operation, inputs, actual),
    },
  );
}

test('the right program agrees with the simulator in every layer', async () => {
  const { comparison, layers, firstDivergence } = await run(deviceWithWrongLayer('no such layer', singleRounding));
  expect([comparison.mismatches, layers.mismatches, firstDivergence]).toEqual([0, 0, null]);
  expect(layers.compared).toBe(samples * program.operations.length);
});

test('a layer under single rounding', async () => {
  const { firstDivergence } = await run(deviceWithWrongLayer('spatial', singleRounding));
  expect(firstDivergence).toMatchObject({ layer: 'spatial', note: null });
  expect(Math.abs(firstDivergence!.actual! - firstDivergence!.expected!)).toBe(1);
  expect(firstDivergence!.explanations).toContain('matches the profile tflite-single (rule single)');
});

// `dense` reads a view, `join` two tensors.
test.each(['dense', 'join'])('%s with the zero points of its inputs negated', async (layer) => {
  const { firstDivergence } = await run(deviceWithWrongLayer(layer, negatedZeroPoints));
  expect(firstDivergence).toMatchObject({ layer, sample: 0, note: null });
  expect(firstDivergence!.explanations).toContain('matches input zero points with the opposite sign');
});

function singleRounding(operation: IntegerOperation): IntegerOperation {
  return { ...operation, rule: 'single' };
}

function negatedZeroPoints(operation: IntegerOperation): IntegerOperation {
  const words = Object.entries(operation.parameters).map(([name, value]) => [
    name,
    /^input\d?ZeroPoint$/.test(name) ? -value : value,
  ]);
  return { ...operation, parameters: Object.fromEntries(words) as Record<string, number> };
}
