/**
 * `bitwright demo`: the main job on a model that comes along. A digit classifier is quantized by LAPQ, pushed over an emulated UART to the
 * firmware of an emulated Raspberry Pi Pico and compared bit for bit; the same model is quantized for ONNX Runtime and runs in onnxruntime-web.
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runFloatModel } from '../../calibrate/run-float-model.ts';
import type { Dataset } from '../../data/dataset.ts';
import { loadDataset } from '../../data/load-dataset.ts';
import { formatBytes, formatCount, formatSeconds, formatShare } from '../../report/format.ts';
import { textTable } from '../../report/text-table.ts';
import { createSimulationPool } from '../../simulate/pool.ts';
import { accuracyOf } from '../../validate/metrics.ts';
import type { CliContext } from '../context.ts';
import { integerFlag } from '../flags.ts';
import { checkOutFolder } from '../out-folder.ts';
import { type DemoPart, type DemoResult, runDemoPart } from '../steps/demo-part.ts';
import { type LoadedModel, loadModel } from '../steps/load-model.ts';
import { withClosing } from '../steps/with-closing.ts';
import type { VerbDefinition } from '../verbs.ts';

/** The model and its data sets, which ship with bitwright. */
const shipped = (name: string): string => fileURLToPath(new URL(`../../../models/${name}`, import.meta.url));

export const demo: VerbDefinition = {
  configure: (command) =>
    command
      .option('-o, --output <folder>', 'package folder to write', 'OUT')
      .option('--images <count>', 'test images on the emulated board', integerFlag('--images', 1, 10000), 100),
  run: async (context, _operands, { output, images }) => {
    const started = performance.now();
    const folder = output as string;
    checkOutFolder(folder, false);
    const model = await loadModel(shipped('demo-mnist.onnx'));
    const [calibration, test] = await Promise.all([
      loadDataset(shipped('demo-calibration.json')),
      loadDataset(shipped('demo-test.json')),
    ]);
    const float = await floatAccuracyOf(context, model, test);
    const parts: DemoPart[] = [
      { target: 'rp2040-pico', device: 'pico-emulator', folder, images: images as number },
      { target: 'onnxruntime', device: 'onnxruntime-web', folder: join(folder, 'onnxruntime'), images: 1000 },
    ];
    const results = await withClosing(context, await createSimulationPool(), async (pool) => {
      const done: DemoResult[] = [];
      for (const part of parts) done.push(await runDemoPart(context, { model, calibration, test, pool }, part));
      return done;
    });
    const passed = results.every(({ verdict }) => verdict.outcome === 'pass');
    const seconds = (performance.now() - started) / 1000;
    const document = {
      schemaVersion: 1,
      outcome: passed ? 'pass' : 'fail',
      accuracy: { samples: test.samples, float },
      parts: results.map(({ part, verdict, simulated }) => ({ ...part, simulatedAccuracy: simulated, verdict })),
      seconds,
    };
    const summary = `${passed ? 'PASS' : 'FAIL'} in ${formatSeconds(seconds)}; the package and its report are in ${folder}`;
    context.result(document, `\n${resultTable(results, float, test.samples)}\n\n${summary}`);
    return passed ? 0 : 1;
  },
};

/** Over the whole test set. */
async function floatAccuracyOf(context: CliContext, model: LoadedModel, test: Dataset): Promise<number | null> {
  const progress = context.progress('run the float model', 'samples');
  const [scores] = await runFloatModel(model.bytes, test, {
    batch: 250,
    onProgress: progress.update,
    signal: context.signal,
  });
  progress.finish();
  return accuracyOf(scores!.data as Float32Array, test, test.samples);
}

function resultTable(results: readonly DemoResult[], float: number | null, samples: number): string {
  const row = (label: string, cell: (result: DemoResult) => string): string[] => [label, ...results.map(cell)];
  const all = `${formatCount(samples)} test images`;
  return textTable(
    [{ title: '' }, ...results.map(({ part }) => ({ title: part.device, align: 'right' as const }))],
    [
      row('target', ({ part }) => part.target),
      row('numeric profile', ({ verdict }) => verdict.profile),
      row(`float accuracy, ${all}`, () => formatShare(float)),
      row(`simulated accuracy, ${all}`, ({ simulated }) => formatShare(simulated)),
      row('images run on the device', ({ part }) => formatCount(part.images)),
      row('float accuracy on them', ({ verdict }) => formatShare(verdict.accuracy.float)),
      row('simulated accuracy on them', ({ verdict }) => formatShare(verdict.accuracy.simulated)),
      row('device accuracy on them', ({ verdict }) => formatShare(verdict.accuracy.device)),
      row('output elements compared', ({ verdict }) => formatCount(verdict.compared)),
      row('mismatches', ({ verdict }) => formatCount(verdict.mismatches)),
      row(
        'layer checksums equal',
        ({ verdict: { layers } }) => `${layers.compared - layers.mismatches} of ${layers.compared}`,
      ),
      row('arena planned', ({ verdict }) => formatBytes(verdict.memory.arenaBytes)),
      row('arena on the device', ({ verdict }) =>
        verdict.memory.deviceArenaBytes === null ? '-' : formatBytes(verdict.memory.deviceArenaBytes),
      ),
      row('program', ({ verdict }) => formatBytes(verdict.memory.programBytes)),
      row('weights', ({ verdict }) => formatBytes(verdict.memory.weightBytes)),
      row('cycles per inference', ({ verdict: { cost } }) => (cost?.unit === 'cycles' ? formatCount(cost.max) : '-')),
      row('bytes on the wire', ({ verdict }) => (verdict.link === null ? '-' : formatBytes(verdict.link.bytes))),
    ],
  );
}
