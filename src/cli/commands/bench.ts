/** `bitwright bench`: what every layer costs on a device, in the unit that the device counts, and per multiply-accumulate. */

import { BitwrightError } from '../../base/errors.ts';
import { readNpz } from '../../base/npz.ts';
import type { Device, LayerTrace } from '../../device/device.ts';
import { openDevice } from '../../device/registry.ts';
import { formatCount, formatShape } from '../../report/format.ts';
import { textFacts, textTable } from '../../report/text-table.ts';
import type { CodeArray } from '../../simulate/engine.ts';
import { sampleOf } from '../../validate/validate.ts';
import type { CliContext } from '../context.ts';
import { integerFlag } from '../flags.ts';
import { type LoadedPackage, loadPackage, readPackageFile } from '../steps/load-package.ts';
import { withClosing } from '../steps/with-closing.ts';
import type { VerbDefinition } from '../verbs.ts';

interface LayerRow {
  readonly name: string;
  readonly kernel: string;
  readonly output: readonly number[];
  readonly macs: number;
  readonly cost: number | null;
  readonly costPerMac: number | null;
}

export const bench: VerbDefinition = {
  configure: (command) =>
    command
      .argument('<package>', 'folder that `quantize` wrote')
      .requiredOption('--device <device>', 'where to run it; `bitwright devices` lists them')
      .option('--timeout <ms>', 'patience with a silent device', integerFlag('--timeout', 1, 3_600_000)),
  run: async (context, [folder], { device: spec, timeout }) => {
    const loaded = await loadPackage(folder!);
    const patience = timeout === undefined ? {} : { timeoutMs: timeout as number };
    const device = await openDevice(spec as string, { outFolder: loaded.folder, signal: context.signal, ...patience });
    return withClosing(context, device, async () => {
      requireCounter(device);
      const inputs = await goldenInputs(loaded);
      const push = context.progress(`push to ${device.info.id}`, 'bytes');
      await device.load(loaded.bytes, push.update);
      push.finish();
      const { cost } = await device.run(inputs);
      print(context, device, layerRows(loaded, await device.trace(inputs)), cost, loaded.manifest.macs);
      return 0;
    });
  },
};

function requireCounter(device: Device): void {
  if (device.info.costUnit !== 'none') return;
  throw new BitwrightError('USAGE', {
    message: 'counts neither cycles nor instructions',
    where: `device ${device.info.id}`,
    next: 'Use an emulator or a board; host engines are measured with `npm run bench`.',
  });
}

/** The first sample that travels with the package. */
async function goldenInputs({ folder, manifest, program }: LoadedPackage): Promise<CodeArray[]> {
  const arrays = readNpz(await readPackageFile(folder, manifest, 'golden.npz'), 'golden.npz');
  return program.inputs.map((_, port) => {
    const tensor = arrays.get(`input${port}`);
    if (tensor !== undefined) return sampleOf(tensor.data as CodeArray, 0, tensor.shape[0]!);
    throw new BitwrightError('ARTIFACT_INVALID', { message: `holds no input${port}`, where: 'golden.npz' });
  });
}

function layerRows({ manifest, program }: LoadedPackage, { costs }: LayerTrace): LayerRow[] {
  return manifest.operations.map(({ name, kernel, macs }, index) => {
    const cost = costs[index] ?? null;
    const output = program.tensors[program.operations[index]!.output]!.shape;
    return { name, kernel, output, macs, cost, costPerMac: cost === null || macs === 0 ? null : cost / macs };
  });
}

function print(
  context: CliContext,
  device: Device,
  layers: readonly LayerRow[],
  cost: number | null,
  macs: number,
): void {
  const { id, kind, evidence, costUnit, clockHz } = device.info;
  const table = textTable(
    [
      { title: 'layer' },
      { title: 'kernel' },
      { title: 'output' },
      { title: 'MACs', align: 'right' },
      { title: costUnit, align: 'right' },
      { title: 'per MAC', align: 'right' },
    ],
    layers.map((layer) => [
      layer.name,
      layer.kernel,
      formatShape(layer.output),
      formatCount(layer.macs),
      layer.cost === null ? '-' : formatCount(layer.cost),
      layer.costPerMac === null ? '' : layer.costPerMac.toFixed(2),
    ]),
  );
  const facts: [string, string][] = [['device', `${id} (${evidence})`]];
  if (cost !== null) {
    facts.push([
      `${costUnit} per inference`,
      `${formatCount(cost)} (${(cost / Math.max(1, macs)).toFixed(2)} per MAC)`,
    ]);
    if (costUnit === 'cycles' && clockHz !== undefined) {
      facts.push([
        'time per inference',
        `${((1000 * cost) / clockHz).toFixed(2)} ms at ${formatCount(clockHz / 1e6, 1)} MHz`,
      ]);
    }
  }
  const document = {
    schemaVersion: 1,
    device: { id, kind, evidence, clockHz: clockHz ?? null },
    unit: costUnit,
    cost,
    macs,
    layers,
  };
  context.result(document, `${table}\n\n${textFacts(facts)}`);
}
