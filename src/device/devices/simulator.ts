/**
 * The host's own kernels as a device: the portable C sources that boards run, as WebAssembly. The prediction that it is compared with comes
 * from the fast variants, so the two are not the same code.
 */
import { crc32 } from '../../base/bytes.ts';
import { assert } from '../../base/errors.ts';
import type { CodeArray, SampleBatch, SimulationPool } from '../../simulate/engine.ts';
import { createSimulationPool } from '../../simulate/pool.ts';
import { startInlineWorker } from '../../simulate/worker-port.ts';
import { refuseArgument } from '../arguments.ts';
import type { Device, DeviceProvider } from '../device.ts';
import { hostInfo } from '../host-info.ts';
import { bytesOf, codesOf, type ProgramLayout, readProgramLayout, type TensorLayout } from '../program-layout.ts';

function openSimulator(pool: SimulationPool): Device {
  let loaded: { readonly program: Uint8Array; readonly layout: ProgramLayout } | null = null;
  const current = (): { readonly program: Uint8Array; readonly layout: ProgramLayout } => {
    assert(loaded !== null, 'A program is loaded before it runs.');
    return loaded;
  };
  const executeBatch = async (
    program: Uint8Array,
    { samples, inputs }: SampleBatch,
    tensors: readonly TensorLayout[],
  ): Promise<CodeArray[]> => {
    await pool.setInputs({ samples, inputs: inputs.map((codes) => codes.slice()) });
    return pool.run(program, { tensors: tensors.map(({ index }) => index) });
  };
  const execute = (
    program: Uint8Array,
    inputs: readonly CodeArray[],
    tensors: readonly TensorLayout[],
  ): Promise<CodeArray[]> => executeBatch(program, { samples: 1, inputs }, tensors);
  return {
    info: hostInfo('simulator'),
    link: null,
    load: async (bytes, onProgress) => {
      loaded = null;
      const program = bytes.slice();
      const layout = readProgramLayout(program);
      const zeros = layout.inputs.map(({ dtype, sizeBytes }) => codesOf(dtype, new Uint8Array(sizeBytes)));
      await execute(program, zeros, []); /* the kernels check a program when they first run it */
      loaded = { program, layout };
      onProgress?.(bytes.length, bytes.length);
      return { arenaBytes: layout.arenaBytes };
    },
    run: async (inputs) => {
      const { program, layout } = current();
      return { outputs: await execute(program, inputs, layout.outputs), cost: null };
    },
    runBatch: (batch) => {
      const { program, layout } = current();
      return executeBatch(program, batch, layout.outputs);
    },
    trace: async (inputs) => {
      const { program, layout } = current();
      const outputs = await execute(program, inputs, layout.operations);
      return { checksums: outputs.map((codes) => crc32(bytesOf(codes))), costs: outputs.map(() => null) };
    },
    readOperation: async (inputs, operation) => {
      const { program, layout } = current();
      const tensor = layout.operations[operation];
      assert(tensor !== undefined, `The program has no operation ${operation}.`);
      return (await execute(program, inputs, [tensor]))[0]!;
    },
    close: () => pool.close(),
  };
}

export const provider: DeviceProvider = {
  kind: 'simulator',
  usage: 'simulator: the portable kernels as WebAssembly on this machine',
  probe: async () => ({ available: true, detail: 'part of bitwright' }),
  open: async (argument) => {
    refuseArgument('simulator', argument);
    return openSimulator(await createSimulationPool({ workers: 1, kernels: 'plain', startWorker: startInlineWorker }));
  },
};
