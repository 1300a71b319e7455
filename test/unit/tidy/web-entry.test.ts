/** What browsers load imports nothing that only Node has, and nothing that needs a bundler to be found. */
import { expect, test } from 'vitest';
import { readSource } from './source-files.ts';

/** Statements that exist at run time: `import type` and `export type` do not. */
const staticImport = /^(?:import|export)\s+(?!type\b)(?:[^;'"]*?\sfrom\s+)?'([^']+)'/gm;

/** Every file that `entry` reaches by static imports, and every other thing that they name. */
function reach(entry: string): { readonly files: ReadonlySet<string>; readonly foreign: readonly string[] } {
  const files = new Set([entry]);
  const foreign: string[] = [];
  for (const file of files) {
    for (const [, from] of readSource(file).matchAll(staticImport)) {
      if (from!.startsWith('.')) files.add(new URL(from!, `file:///${file}`).pathname.slice(1));
      else foreign.push(`${file} imports ${from}`);
    }
  }
  return { files, foreign };
}

test.each(['src/web.ts', 'src/simulate/web-worker.ts', 'src/device/chromium-page.ts'])('%s', (entry) => {
  const { files, foreign } = reach(entry);
  expect(files.size).toBeGreaterThan(2);
  expect(foreign).toEqual([]);
});

test('an import that only Node has would be seen', () => {
  const { foreign } = reach('src/device/page-server.ts');
  expect(foreign).toContain('src/device/page-server.ts imports node:http');
  expect(foreign).toContain('src/device/page-server.ts imports node:stream/promises');
});

test('the page of the chromium device loads only what its server has', () => {
  const served = [...readSource('src/device/devices/chromium.ts').matchAll(/'([\w-]+)\.js'/g)].map((match) => match[1]);
  const needed = [...reach('src/device/chromium-page.ts').files].map((file) => /([\w-]+)\.ts$/.exec(file)![1]);
  expect(served.sort()).toEqual(needed.sort());
});
