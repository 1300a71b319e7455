/** `bitwright doctor`: whether this machine can do what bitwright needs, and what is missing for the rest. */
import { availableParallelism, totalmem } from 'node:os';
import { deviceProviders } from '../../device/registry.ts';
import { textTable } from '../../report/text-table.ts';
import { createSimulationPool } from '../../simulate/pool.ts';
import type { VerbDefinition } from '../verbs.ts';

interface Finding {
  readonly check: string;
  /** `missing`: only what needs it does not work. */
  readonly state: 'ok' | 'missing' | 'broken';
  readonly detail: string;
}

export const doctor: VerbDefinition = {
  configure: () => {},
  run: async (context) => {
    const findings = [
      nodeVersion(),
      {
        check: 'machine',
        state: 'ok',
        detail: `${availableParallelism()} threads, ${(totalmem() / 2 ** 30).toFixed(1)} GiB memory`,
      } as const,
      await attempt('float engine', async () => `onnxruntime-node ${await floatEngineVersion()}`),
      await attempt('simulator', simulatorStarts),
      ...(await devices()),
    ];
    const table = textTable(
      [{ title: 'check' }, { title: 'state' }, { title: '' }],
      findings.map(({ check, state, detail }) => [check, state, detail]),
    );
    context.result({ schemaVersion: 1, findings }, table);
    return findings.some(({ state }) => state === 'broken') ? 1 : 0;
  },
};

function nodeVersion(): Finding {
  const [major, minor] = process.versions.node.split('.').map(Number) as [number, number];
  const ok = major > 20 || (major === 20 && minor >= 19);
  return { check: 'Node', state: ok ? 'ok' : 'broken', detail: `${process.versions.node}, 20.19 or newer is needed` };
}

async function attempt(check: string, run: () => Promise<string>): Promise<Finding> {
  try {
    return { check, state: 'ok', detail: await run() };
  } catch (error) {
    return { check, state: 'broken', detail: String((error as Error).message) };
  }
}

async function floatEngineVersion(): Promise<string> {
  const { default: ort } = (await import('onnxruntime-node')) as unknown as {
    default: { env: { versions: { node?: string } } };
  };
  return ort.env.versions.node ?? 'of unknown version';
}

async function simulatorStarts(): Promise<string> {
  const pool = await createSimulationPool();
  await pool.close();
  return `${pool.workers} workers start`;
}

async function devices(): Promise<Finding[]> {
  return Promise.all(
    (await deviceProviders()).map(async (provider) => {
      const { available, detail } = await provider.probe();
      return { check: `device ${provider.kind}`, state: available ? ('ok' as const) : ('missing' as const), detail };
    }),
  );
}
