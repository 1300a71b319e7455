/** The TypeScript reference as a device: the readable definition of every operator, slow on purpose. */
import { crc32 } from '../../base/bytes.ts';
import { assert } from '../../base/errors.ts';
import type { IntegerProgram } from '../../graph/integer-program.ts';
import { unpack } from '../../package/unpack.ts';
import type { CodeArray } from '../../simulate/engine.ts';
import { runReference } from '../../simulate/reference-engine.ts';
import { refuseArgument } from '../arguments.ts';
import type { Device, DeviceProvider } from '../device.ts';
import { hostInfo } from '../host-info.ts';
import { bytesOf } from '../program-layout.ts';

function openReference(): Device {
  let program: IntegerProgram | null = null;
  const execute = (inputs: readonly CodeArray[], observe: (index: number, output: CodeArray) => void): CodeArray[] => {
    assert(program !== null, 'A program is loaded before it runs.');
    return runReference(program, inputs, (_operation, index, output) => observe(index, output));
  };
  return {
    info: hostInfo('reference'),
    link: null,
    load: async (bytes, onProgress) => {
      program = unpack(bytes);
      onProgress?.(bytes.length, bytes.length);
      return { arenaBytes: program.arenaBytes };
    },
    run: async (inputs) => ({ outputs: execute(inputs, () => {}).map((codes) => codes.slice()), cost: null }),
    trace: async (inputs) => {
      const checksums: number[] = [];
      execute(inputs, (_index, output) => checksums.push(crc32(bytesOf(output))));
      return { checksums, costs: checksums.map(() => null) };
    },
    readOperation: async (inputs, operation) => {
      let found: CodeArray | undefined;
      execute(inputs, (index, output) => {
        if (index === operation) found = output.slice();
      });
      assert(found !== undefined, `The program has no operation ${operation}.`);
      return found;
    },
    close: async () => {},
  };
}

export const provider: DeviceProvider = {
  kind: 'reference',
  usage: 'reference: the readable TypeScript engine, operator by operator; slow',
  probe: async () => ({ available: true, detail: 'part of bitwright' }),
  open: async (argument) => {
    refuseArgument('reference', argument);
    return openReference();
  },
};
