/** `bitwright conformance`: operator vectors, made by the runtimes' own code, on an engine or a board. */

import type { Device } from '../../device/device.ts';
import { openDevice } from '../../device/registry.ts';
import { pack } from '../../package/pack.ts';
import { formatCount } from '../../report/format.ts';
import { type JunitCase, junitXml } from '../../report/junit.ts';
import { textTable } from '../../report/text-table.ts';
import {
  type ConformanceFailure,
  type ConformanceResult,
  type ConformanceRunner,
  loadVectors,
  runConformance,
} from '../../validate/conformance.ts';
import { integerFlag } from '../flags.ts';
import { withClosing } from '../steps/with-closing.ts';
import { writeFiles } from '../steps/write-files.ts';
import type { VerbDefinition } from '../verbs.ts';

interface ConformanceOptions {
  readonly vectors: string;
  readonly device: string;
  readonly junit?: string;
  readonly timeout?: number;
}

export const conformance: VerbDefinition = {
  configure: (command) =>
    command
      .requiredOption('--vectors <folder>', 'folder of operator vectors, one JSON file a case')
      .requiredOption('--device <device>', 'where to run them; `bitwright devices` lists them')
      .option('--junit <file>', 'write JUnit XML')
      .option('--timeout <ms>', 'patience with a silent device', integerFlag('--timeout', 1, 3_600_000)),
  run: async (context, _operands, flags) => {
    const options = flags as unknown as ConformanceOptions;
    const started = performance.now();
    const vectors = await loadVectors(options.vectors);
    const timeout = options.timeout === undefined ? {} : { timeoutMs: options.timeout };
    const device = await openDevice(options.device, { signal: context.signal, ...timeout });
    const progress = context.progress(`vectors on ${options.device}`, 'cases');
    let done = 0;
    const result = await withClosing(context, device, () =>
      runConformance(vectors, deviceRunner(device, context.signal), () => progress.update(++done, vectors.length)),
    );
    progress.finish();
    if (options.junit !== undefined) {
      const seconds = (performance.now() - started) / 1000;
      const cases = junitCases(
        vectors.map(({ name }) => name),
        result,
      );
      writeFiles(new Map([[options.junit, junitXml({ name: `conformance on ${options.device}`, seconds, cases })]]));
    }
    context.result({ schemaVersion: 1, device: device.info.id, ...result }, resultText(result));
    return result.failed === 0 ? 0 : 1;
  },
};

/** Each vector is a program of its own: loaded, then run sample by sample. */
function deviceRunner(device: Device, signal: AbortSignal): ConformanceRunner {
  return async (program, samples) => {
    signal.throwIfAborted();
    await device.load(pack(program));
    const outputs = [];
    for (const inputs of samples) outputs.push((await device.run(inputs)).outputs[0]!);
    return outputs;
  };
}

function junitCases(names: readonly string[], { failures, skips }: ConformanceResult): JunitCase[] {
  const failed = new Map(failures.map((failure) => [failure.name, failure]));
  const skipped = new Map(skips.map(({ name, reason }) => [name, reason]));
  return names.map((name) => {
    const failure = failed.get(name);
    if (failure !== undefined) {
      const outcome = failure.error === null ? 'failure' : 'error';
      return { name, outcome, message: failureSentence(failure), detail: failure.explanations.join('\n') };
    }
    const reason = skipped.get(name);
    return { name, outcome: reason === undefined ? 'pass' : 'skipped', message: reason ?? '', detail: '' };
  });
}

function failureSentence({ elements, of, first, error }: ConformanceFailure): string {
  if (error !== null || first === null) return error ?? 'failed';
  return `${elements} of ${of} elements differ, first ${first.index}: expected ${first.expected}, got ${first.actual}`;
}

function resultText({ passed, failed, skipped, compared, failures, skips }: ConformanceResult): string {
  const parts = [`${passed} passed, ${failed} failed, ${skipped} skipped; ${formatCount(compared)} elements compared`];
  if (failures.length > 0) {
    const rows = failures.map((failure) => [failure.name, failureSentence(failure), failure.explanations.join('; ')]);
    parts.push(textTable([{ title: 'failed' }, { title: 'what' }, { title: 'would be explained by' }], rows));
  }
  if (skips.length > 0) {
    const rows = skips.map(({ name, reason }) => [name, reason]);
    parts.push(textTable([{ title: 'skipped' }, { title: 'why' }], rows));
  }
  return parts.join('\n\n');
}
