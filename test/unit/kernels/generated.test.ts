/** What TypeScript and C share is generated: the committed files are what scripts/generate.mjs makes of the built sources. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { allOps } from '../../../src/ops/registry.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));

it.skipIf(!existsSync(`${root}/dist/ops`))('generated files are current', () => {
  const stdout = execFileSync(process.execPath, [`${root}/scripts/generate.mjs`, '--check'], { encoding: 'utf8' });
  expect(stdout).toBe('');
});

it('every kernel has its C file', () => {
  const sources = readdirSync(`${root}/runtime-kernels/src`);
  const kernels = allOps.flatMap(({ kernel }) => (kernel === undefined ? [] : [kernel.name]));
  const missing = kernels.filter((name) => !sources.includes(`rk_${name.replaceAll('-', '_')}.c`));
  expect(missing).toEqual([]);
});
