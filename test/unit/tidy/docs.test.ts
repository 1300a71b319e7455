/** The pages say what is true: their commands run, their links lead somewhere, the generated ones are fresh. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, normalize } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { entry, repository } from '../cli/run-cli.ts';
import { readSource, repositoryFiles } from './source-files.ts';

const pages = repositoryFiles().filter((path) => path.endsWith('.md'));
let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bitwright-docs-'));
  symlinkSync(join(repository, 'models'), join(folder, 'models'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Commands of the blocks that open with ```console runnable, comments left out; they run in order in one folder. */
function runnableCommands(page: string): string[] {
  return [...readSource(page).matchAll(/^```console runnable\n([\s\S]*?)^```/gm)].flatMap((block) =>
    block[1]!
      .split('\n')
      .filter((line) => line.startsWith('$ '))
      .map((line) => line.slice(2).replace(/\s+#.*$/, '')),
  );
}

const withCommands = pages.filter((page) => runnableCommands(page).length > 0);

test('there are commands to run', () => {
  expect(withCommands).toContain('README.md');
});

test.each(withCommands)(
  'the commands of %s run',
  (page) => {
    for (const command of runnableCommands(page)) {
      const [program, ...argv] = command.split(/\s+/);
      expect(program, command).toBe('bitwright');
      const { status, stderr } = spawnSync(process.execPath, [entry, ...argv], { cwd: folder, encoding: 'utf8' });
      expect(status, `${command}\n${stderr}`).toBe(0);
    }
  },
  300_000,
);

test('links between pages lead to files', () => {
  const broken = pages.flatMap((page) =>
    [...readSource(page).matchAll(/\]\(([^)#\s]+)[^)]*\)/g)]
      .map((link) => link[1]!)
      .filter((link) => !/^[a-z]+:/.test(link))
      .filter((link) => !existsSync(join(repository, normalize(join(dirname(page), link)))))
      .map((link) => `${page}: ${link}`),
  );
  expect(broken).toEqual([]);
});

test.each([
  ['docs/operators.md', 'generate-docs.mjs'],
  ['docs/models.md', 'measure-models.mjs'],
])('%s is fresh', (_page, file) => {
  const script = join(repository, 'scripts', file);
  expect(() => execFileSync(process.execPath, [script, '--check'], { stdio: 'pipe' })).not.toThrow();
});
