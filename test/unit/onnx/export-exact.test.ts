/**
 * Exported models in onnxruntime-node and onnxruntime-web against the TypeScript reference: every operator of the op suite and a small
 * network, every element of every operation, with the optimiser off and fully on.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { getProfile } from '../../../src/arithmetic/registry.ts';
import { BitwrightError } from '../../../src/base/errors.ts';
import { type Random, seededRandom } from '../../../src/base/random.ts';
import { floatTensor } from '../../../src/base/tensor.ts';
import { provider as node } from '../../../src/device/devices/onnxruntime-node.ts';
import { provider as web } from '../../../src/device/devices/onnxruntime-web.ts';
import type { Graph } from '../../../src/graph/graph.ts';
import { type IntegerProgram, tensorElements } from '../../../src/graph/integer-program.ts';
import type { QuantizationPlan } from '../../../src/graph/quantization-plan.ts';
import { lower } from '../../../src/lower/lower.ts';
import { exportOnnx } from '../../../src/package/onnx-export.ts';
import { pack } from '../../../src/package/pack.ts';
import type { CodeArray } from '../../../src/simulate/engine.ts';
import { runReference } from '../../../src/simulate/reference-engine.ts';
import { rangePlan, runFloatGraph, smallNetwork } from '../../support/small-network.ts';
import { opCases } from '../ops/op-cases.ts';
import { opGraph } from '../ops/op-graph.ts';
import { planOf } from '../ops/op-plan.ts';

const seed = Date.now() % 100000;
const profile = getProfile('onnxruntime');
const folder = mkdtempSync(join(tmpdir(), 'bitwright-export-'));
afterAll(() => rmSync(folder, { recursive: true }));

const engines = [
  ['onnxruntime-node:disabled', node, 'disabled'],
  ['onnxruntime-node:all', node, 'all'],
  ['onnxruntime-web:all', web, 'all'],
] as const;

/** Codes over the whole range of each input, indices below `rows`. */
function randomInputs(program: IntegerProgram, random: Random, rows: number): CodeArray[] {
  return program.inputs.map((index) => {
    const tensor = program.tensors[index]!;
    const draw = (): number =>
      tensor.dtype === 'int32' ? random.integer(0, rows - 1) : random.integer(tensor.qMin, tensor.qMax);
    const codes = Array.from({ length: tensorElements(tensor) }, draw);
    return tensor.dtype === 'int32' ? Int32Array.from(codes) : Int8Array.from(codes);
  });
}

async function expectExactOnRandom(graph: Graph, plan: QuantizationPlan, samples: number, rows = 1): Promise<void> {
  const program = lower(graph, plan, profile);
  const random = seededRandom(seed);
  await expectExact(
    graph,
    plan,
    Array.from({ length: samples }, () => randomInputs(program, random, rows)),
  );
}

async function expectExact(graph: Graph, plan: QuantizationPlan, inputs: readonly CodeArray[][]): Promise<void> {
  const program = lower(graph, plan, profile);
  writeFileSync(join(folder, 'model.onnx'), exportOnnx(graph, plan, program));
  for (const [name, provider, level] of engines) {
    const device = await provider.open(level, { outFolder: folder });
    expect(await device.load(pack(program))).toEqual({ arenaBytes: null });
    for (const input of inputs) {
      const operations: CodeArray[] = [];
      const expected = runReference(program, input, (_operation, _index, output) => operations.push(output.slice()));
      const { outputs } = await device.run(input);
      expect(
        outputs.map((codes) => [...codes]),
        `${name}, outputs`,
      ).toEqual(expected.map((codes) => [...codes]));
      for (const [index, codes] of operations.entries()) {
        expect(
          [...(await device.readOperation(input, index))],
          `${name}, operation ${index} ${program.operations[index]!.kernel}`,
        ).toEqual([...codes]);
      }
    }
    await device.close();
  }
}

describe(`seed ${seed}`, () => {
  const inexpressible = new Set(['softmax']);
  for (const opCase of opCases) {
    if (inexpressible.has(opCase.op)) continue;
    test.each([8, 4])(`${opCase.op}: ${opCase.name}, %d-bit weights`, async (weightBits) => {
      const built = opGraph(opCase, seed);
      const plan = planOf(built, profile, weightBits);
      if (opCase.op === 'resize' && opCase.attributes?.mode === 'bilinear') {
        const program = lower(built.graph, plan, profile);
        expect(() => exportOnnx(built.graph, plan, program)).toThrow(BitwrightError);
        return;
      }
      await expectExactOnRandom(built.graph, plan, 2, opCase.indicesBelow);
    });
  }

  // Scales whose ratios make ties: where ONNX Runtime's own QLinearAdd and QLinearMul differ between machines.
  test.each(['add', 'sub', 'mul'])('%s of every pair of codes', async (op) => {
    const every = (name: string) => ({ name, dtype: 'float32' as const, shape: [1, 256, 256] });
    const node = { name: op, op, inputs: ['a', 'b'], outputs: ['y'], attributes: { clamp: null } };
    const values = new Map(['a', 'b', 'y'].map((name) => [name, every(name)]));
    const graph: Graph = { name: op, nodes: [node], values, constants: new Map(), inputs: ['a', 'b'], outputs: ['y'] };
    const entry = (scale: number, zeroPoint: number) => ({
      bits: 8,
      scale: Math.fround(scale),
      zeroPoint,
      qMin: -128,
      qMax: 127,
    });
    const activations = new Map([
      ['a', entry(0.1, 3)],
      ['b', entry(0.2, -5)],
      ['y', entry(0.4, 7)],
    ]);
    const rows = Int8Array.from({ length: 65536 }, (_, index) => (index >> 8) - 128);
    const columns = Int8Array.from({ length: 65536 }, (_, index) => (index & 255) - 128);
    await expectExact(graph, { activations, weights: new Map() }, [[rows, columns]]);
  });

  test.each([8, 4, 2])('a residual network with %d-bit weights', async (weightBits) => {
    const graph = smallNetwork(seed);
    const random = seededRandom(seed);
    const image = floatTensor(
      [1, 3, 7, 5],
      Float32Array.from({ length: 105 }, () => random.next()),
    );
    await expectExactOnRandom(graph, rangePlan(graph, [runFloatGraph(graph, image)], weightBits), 3);
  });
});
