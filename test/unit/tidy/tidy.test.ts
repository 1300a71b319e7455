/** House rules that a machine can check: import direction, sizes, file names, words that must not be here. */
import { expect, test } from 'vitest';
import { readSource, repositoryFiles } from './source-files.ts';

const files = repositoryFiles();
const isGenerated = (path: string): boolean => path.includes('.generated.') || path.includes('/generated/');
const sources = files.filter((path) => /^(src|test|scripts)\/.*\.(ts|mjs)$/.test(path) && !isGenerated(path));
const product = sources.filter((path) => path.startsWith('src/'));
const c = files.filter((path) => /^runtime-kernels\/.*\.[ch]$/.test(path) && !isGenerated(path));

/** The flow of src: a folder imports only from folders before it. */
const folders = [
  'base',
  'arithmetic',
  'graph',
  'ops',
  'onnx',
  'rewrites',
  'data',
  'calibrate',
  'quantize',
  'lower',
  'simulate',
  'package',
  'search',
  'finetune',
  'device',
  'validate',
  'report',
  'cli',
];

const importPattern = /(import|export)\s+(type\s+)?[^'"`;]*?from\s+'([^']+)'|import\('([^']+)'\)|import\s+'([^']+)'/g;

interface Import {
  readonly typeOnly: boolean;
  readonly from: string;
}

function importsOf(path: string): Import[] {
  return [...readSource(path).matchAll(importPattern)].map((match) => ({
    typeOnly: match[2] !== undefined,
    from: match[3] ?? match[4] ?? match[5]!,
  }));
}

/** `src/a/b.ts` importing `../c/d.ts` reaches folder `c`. */
function folderReached(path: string, from: string): string | null {
  if (!from.startsWith('.')) return null;
  const { pathname } = new URL(from, `file:///${path}`);
  return pathname.split('/')[2] ?? null;
}

test('there is something to check', () => {
  expect(product.length).toBeGreaterThan(50);
  expect(c.length).toBeGreaterThan(5);
});

test('every folder of src has its place in the flow', () => {
  const found = new Set(
    product.map((path) => path.split('/')).flatMap((parts) => (parts.length > 2 ? [parts[1]!] : [])),
  );
  expect([...found].filter((folder) => !folders.includes(folder))).toEqual([]);
});

test('folders import only from folders above them', () => {
  const wrong = product.flatMap((path) => {
    const own = folders.indexOf(path.split('/')[1]!);
    if (own < 0) return [];
    return importsOf(path).flatMap(({ from, typeOnly }) => {
      const reached = folderReached(path, from);
      const index = reached === null ? -1 : folders.indexOf(reached);
      const bothWays = typeOnly && own <= 2 && index <= 2;
      return index > own && !bothWays ? [`${path} imports ${from}`] : [];
    });
  });
  expect(wrong).toEqual([]);
});

test('no file imports itself in a circle', () => {
  const imports = new Map(
    product.map((path) => [
      path,
      importsOf(path)
        .filter(({ from, typeOnly }) => from.startsWith('.') && !typeOnly)
        .map(({ from }) => new URL(from, `file:///${path}`).pathname.slice(1)),
    ]),
  );
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) {
      circles.push([...trail.slice(trail.indexOf(path)), path].join(' -> '));
      return;
    }
    if (done.has(path)) return;
    for (const next of imports.get(path) ?? []) visit(next, [...trail, path]);
    done.add(path);
  };
  for (const path of imports.keys()) visit(path, []);
  expect(circles).toEqual([]);
});

test('files stay small', () => {
  const long = [...sources.map((path) => [path, 300] as const), ...c.map((path) => [path, 250] as const)].filter(
    ([path, limit]) => readSource(path).split('\n').length - 1 > limit,
  );
  expect(long.map(([path]) => path)).toEqual([]);
});

test('functions stay readable', () => {
  const long = [...sources, ...c].flatMap((path) =>
    topLevelFunctions(readSource(path)).flatMap(({ name, lines }) =>
      lines > 70 ? [`${path}: ${name} has ${lines} lines`] : [],
    ),
  );
  expect(long).toEqual([]);
});

test('every source file opens with what it is', () => {
  // A test says in its names what it is about.
  const silent = [...sources, ...c].filter((path) => {
    if (/^test\/(unit|boards|models)\//.test(path)) return false;
    const text = readSource(path).replace(/^#!.*\n/, '');
    return !/^(\/\*|\/\/)/.test(text) && !isKernelSkeleton(text);
  });
  expect(silent).toEqual([]);
});

test('file names are kebab case', () => {
  const odd = sources.filter((path) => !path.split('/').every((part) => /^[a-z0-9.]+(-[a-z0-9.]+)*$/.test(part)));
  expect(odd).toEqual([]);
});

test('only the command line prints or exits', () => {
  const loud = product.filter(
    (path) => !path.startsWith('src/cli/') && /\bconsole\.|process\.(exit|stdout|stderr)\b/.test(readSource(path)),
  );
  expect(loud).toEqual([]);
});

test('no default exports', () => {
  expect(product.filter((path) => /^export default/m.test(readSource(path)))).toEqual([]);
});

/** Written in pieces so that this file does not contain what it looks for. */
const forbidden = [
  ['TO', 'DO'],
  ['FIX', 'ME'],
  ['X', 'XX'],
  ['/wo', 'rk/'],
  ['/ro', 'ot/'],
  ['/ho', 'me/'],
  ['C:\\', '\\Users'],
].map((parts) => parts.join(''));

test.each(forbidden)('no file contains %s', (word) => {
  const text = files.filter((path) => /\.(ts|mjs|c|h|py|md|json|html|sh|ld|S|yml)$|^\.ci\/run$/.test(path));
  const bounded = /^\w+$/.test(word) ? new RegExp(`\\b${word}\\b`) : new RegExp(word.replace(/[\\/]/g, '\\$&'));
  const hits = text.filter((path) => path !== 'package-lock.json' && bounded.test(readSource(path)));
  expect(hits).toEqual([]);
});

test('Markdown pages have one title, the first line', () => {
  const pages = files.filter((path) => path.endsWith('.md'));
  const odd = pages.filter((path) => {
    const lines = readSource(path)
      .replace(/^```[\s\S]*?^```/gm, '')
      .split('\n');
    return !lines[0]!.startsWith('# ') || lines.filter((line) => line.startsWith('# ')).length !== 1;
  });
  expect(odd).toEqual([]);
});

/** Kernel specifications declare themselves in their first statement. */
function isKernelSkeleton(text: string): boolean {
  return /^import [^\n]*kernel-spec\.ts';\n\nexport const \w+Kernel: KernelSpec/.test(text);
}

/** Functions that begin in the first column and end with a brace in it, in TypeScript and C as formatted here. */
function topLevelFunctions(text: string): { name: string; lines: number }[] {
  const found: { name: string; lines: number }[] = [];
  let open: { name: string; line: number } | null = null;
  text.split('\n').forEach((content, line) => {
    const name = /^(?:export )?(?:async )?function (\w+)|^[a-z][\w\s*]*?(\w+)\([^;]*$/.exec(content);
    if (
      open === null &&
      name !== null &&
      !/^(const|let|import|export (const|type|interface)|test|describe|return)\b/.test(content)
    ) {
      open = { name: name[1] ?? name[2]!, line };
    }
    if (open !== null && /^}/.test(content)) {
      found.push({ name: open.name, lines: line - open.line + 1 });
      open = null;
    }
  });
  return found;
}
