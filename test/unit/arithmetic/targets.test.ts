/** Targets as data: the shipped ones load, a new one is one file, and broken ones say everything that is wrong. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { getProfile } from '../../../src/arithmetic/registry.ts';
import { validateTarget } from '../../../src/arithmetic/target.ts';
import { BitwrightError } from '../../../src/base/errors.ts';
import { loadTarget, loadTargets, ownTargetsFolder } from '../../../src/data/targets.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'targets-'));
});
afterAll(() => rm(folder, { recursive: true }));

const pico = async (): Promise<Record<string, unknown>> =>
  JSON.parse(await readFile(join(ownTargetsFolder, 'rp2040-pico.json'), 'utf8'));

const refusal = async (action: () => unknown): Promise<BitwrightError> => {
  try {
    await action();
  } catch (error) {
    if (error instanceof BitwrightError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
};

it('loads every shipped target', async () => {
  const targets = await loadTargets();
  const wanted =
    'rp2040-pico cortex-m3 cortex-m4 cortex-m7 cortex-m33 cortex-m55 rv32imc esp32s3 esp32p4 pulp-gap9 onnxruntime tflite-micro';
  expect(targets.map((target) => target.id)).toEqual(expect.arrayContaining(wanted.split(' ')));
  for (const target of targets) expect(getProfile(target.profile).id).toBe(target.profile);
});

it('takes a new target as one file in a folder of the user, before a shipped one of the same name', async () => {
  await writeFile(join(folder, 'my-board.json'), JSON.stringify({ ...(await pico()), id: 'my-board', title: 'Mine' }));
  await writeFile(
    join(folder, 'cortex-m4.json'),
    JSON.stringify({ ...(await pico()), id: 'cortex-m4', title: 'My M4' }),
  );
  expect((await loadTarget('my-board', [folder])).title).toBe('Mine');
  expect((await loadTarget('cortex-m4', [folder])).title).toBe('My M4');
  expect((await loadTarget('cortex-m4')).title).not.toBe('My M4');
});

it('lists the known targets when one is unknown', async () => {
  const error = await refusal(() => loadTarget('rp2350'));
  expect([error.code, error.message]).toEqual(['TARGET_UNKNOWN', expect.stringContaining('rp2040-pico')]);
  expect((await refusal(() => loadTarget('x', [join(folder, 'none')]))).code).toBe('FILE_NOT_FOUND');
});

it('reports every problem of a file at once, naming file and field', async () => {
  const broken = {
    ...(await pico()),
    clock: 1,
    weights: { bits: [4, 8], perChannel: 'yes', range: 'wide' },
    emulator: 3,
  };
  delete (broken as Record<string, unknown>).note;
  const error = await refusal(() => validateTarget(broken, 'broken.json'));
  expect(error.code).toBe('TARGET_INVALID');
  expect(error.issues.map((issue) => issue.where).sort()).toEqual([
    'broken.json.clock',
    'broken.json.emulator',
    'broken.json.note',
    'broken.json.weights.bits',
    'broken.json.weights.perChannel',
    'broken.json.weights.range',
  ]);
});

it('refuses a target that claims more than its profile', async () => {
  const target = { ...(await pico()), profile: 'esp-dl-s3', activations: { bits: [16] } };
  const error = await refusal(() => validateTarget(target, 't'));
  expect(error.issues.map((issue) => issue.where)).toEqual([
    't.weights.bits',
    't.activations.bits',
    't.weights.perChannel',
  ]);
});

it('refuses text that is no JSON and an id that is not the file name', async () => {
  await writeFile(join(folder, 'torn.json'), '{"id":');
  await writeFile(join(folder, 'other.json'), JSON.stringify(await pico()));
  expect((await refusal(() => loadTarget('torn', [folder]))).code).toBe('TARGET_INVALID');
  expect((await refusal(() => loadTarget('other', [folder]))).message).toContain('file name');
});
