/** program.bin from whatever array of bytes a user has it in; lower.test.ts compares what was packed with what is unpacked. */
import { expect, test } from 'vitest';
import { getProfile } from '../../../src/arithmetic/registry.ts';
import { lower } from '../../../src/lower/lower.ts';
import { pack } from '../../../src/package/pack.ts';
import { unpack } from '../../../src/package/unpack.ts';
import { rangePlan, runFloatGraph, smallNetwork } from '../../support/small-network.ts';

test("a Buffer of Node, whose slices share memory, and a view into a larger array give the program's own constants", () => {
  const graph = smallNetwork(5);
  const { shape } = graph.values.get(graph.inputs[0]!)!;
  const image = {
    dtype: 'float32' as const,
    shape,
    data: new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(0.5),
  };
  const program = lower(graph, rangePlan(graph, [runFloatGraph(graph, image)], 8), getProfile('cmsis-nn'));
  const bytes = pack(program);
  const larger = new Uint8Array(bytes.length + 24);
  larger.set(bytes, 16);
  for (const form of [Buffer.from(bytes), larger.subarray(16, 16 + bytes.length)]) {
    const { constants, operations } = unpack(form);
    operations.forEach(({ parameters, kernel }, index) => {
      if (parameters.bias === undefined || parameters.bias < 0) return;
      const packed = program.constants[program.operations[index]!.parameters.bias!]!.data;
      // Up to the next constant: a little padding comes with it.
      const { data } = constants[parameters.bias]!;
      expect([...data.subarray(0, packed.length)], kernel).toEqual([...packed]);
      expect(data.length - packed.length, kernel).toBeLessThan(4);
    });
  }
});
