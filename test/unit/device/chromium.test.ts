/**
 * Browsers that are missing, die, stay silent or lie: each a small program that stands in for Chromium. The real one is in test/browser.
 */
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { getProfile } from '../../../src/arithmetic/registry.ts';
import { seededRandom } from '../../../src/base/random.ts';
import { floatTensor } from '../../../src/base/tensor.ts';
import { startPageServer } from '../../../src/device/page-server.ts';
import { openDevice } from '../../../src/device/registry.ts';
import { lower } from '../../../src/lower/lower.ts';
import { exportOnnx } from '../../../src/package/onnx-export.ts';
import { pack } from '../../../src/package/pack.ts';
import { rangePlan, runFloatGraph, smallNetwork } from '../../support/small-network.ts';

const folder = mkdtempSync(join(tmpdir(), 'bitwright-fake-browser-'));
afterAll(() => rmSync(folder, { recursive: true }));

// A package.json in a folder above must not decide how the programs are read.
writeFileSync(join(folder, 'package.json'), '{}');

/** A program that runs `body` with the page's address in `url` and says, by a file, which profile folder it was given. */
function fakeBrowser(name: string, body: string): string {
  const path = join(folder, name);
  const script = `#!${process.execPath}
const url = process.argv.at(-1);
const profile = process.argv.find((word) => word.startsWith('--user-data-dir=')).slice(16);
require('node:fs').writeFileSync(${JSON.stringify(`${path}.profile`)}, profile);
const post = (path, body) => fetch(url + path, { method: 'POST', body });
(async () => { ${body} })();
`;
  writeFileSync(path, script);
  chmodSync(path, 0o755);
  return path;
}

const ready = `await post('ready', 'Chrome/1.2.3; onnxruntime-web 4.5.6');`;
const forEver = 'setInterval(() => {}, 1000);';
/** Takes the first command, then answers with `bytes`. */
const answering = (bytes: string): string =>
  `${ready} await fetch(url + 'work'); await post('answer', ${bytes}); ${forEver}`;
const message = (header: string): string =>
  `(() => { const h = Buffer.from(${JSON.stringify(header)}); const n = Buffer.alloc(4); n.writeUInt32LE(h.length); return Buffer.concat([n, h]); })()`;

const faults: readonly (readonly [name: string, code: string, words: RegExp, body: string])[] = [
  [
    'ends at once',
    'LINK_FAILED',
    /ended with code 3: no display/,
    `console.error('dbus/x'); console.error('no display'); process.exit(3);`,
  ],
  ['never asks for the page', 'DEVICE_SILENT', /no answer in 5000 ms to: start/, forEver],
  [
    'says that its page failed',
    'LINK_FAILED',
    /page .* failed: out of memory/,
    `await post('failure', 'out of\\nmemory'); ${forEver}`,
  ],
  [
    'loses its page',
    'LINK_FAILED',
    /is gone: closed or crashed/,
    `${ready} const alive = new AbortController(); await fetch(url + 'alive', { signal: alive.signal }); await fetch(url + 'work'); alive.abort(); ${forEver}`,
  ],
  [
    'dies with a command',
    'LINK_FAILED',
    /ended with SIGKILL/,
    `${ready} await fetch(url + 'work'); process.kill(process.pid, 'SIGKILL');`,
  ],
  [
    'keeps a command',
    'DEVICE_SILENT',
    /no answer in 5000 ms to: load the model/,
    `${ready} await fetch(url + 'work'); ${forEver}`,
  ],
  ['answers with too little', 'LINK_FAILED', /cannot be read: its header is cut off/, answering(`'abc'`)],
  [
    'answers with a header that never ends',
    'LINK_FAILED',
    /header is cut off/,
    answering('new Uint8Array(64).fill(255)'),
  ],
  ['answers with no JSON', 'LINK_FAILED', /cannot be read/, answering(message('{'))],
  ['answers with another form', 'LINK_FAILED', /another form/, answering(message('null'))],
  [
    'answers with a tensor that is too large',
    'LINK_FAILED',
    /tensor t is cut off/,
    answering(message('{"id":1,"body":{"kind":"done"},"tensors":[{"name":"t","dtype":"int8","shape":[1e9,1e9]}]}')),
  ],
  [
    'cannot load the model',
    'DEVICE_FAULT',
    /could not create a session: bad opset/,
    answering(message('{"id":1,"body":{"kind":"failed","message":"bad opset"},"tensors":[]}')),
  ],
];

describe.skipIf(process.platform === 'win32')('a browser that', () => {
  const graph = smallNetwork(3);
  const random = seededRandom(3);
  const images = Array.from({ length: 2 }, () => {
    const { shape } = graph.values.get(graph.inputs[0]!)!;
    const count = shape.reduce((product, size) => product * size, 1);
    return floatTensor(
      shape,
      Float32Array.from({ length: count }, () => random.normal()),
    );
  });
  const plan = rangePlan(
    graph,
    images.map((image) => runFloatGraph(graph, image)),
    8,
  );
  const program = lower(graph, plan, getProfile('onnxruntime'));
  writeFileSync(join(folder, 'model.onnx'), exportOnnx(graph, plan, program));

  it.each(faults)('%s is an error that says so', async (name, code, words, body) => {
    const path = fakeBrowser(name.replaceAll(' ', '-'), body);
    const timeoutMs = code === 'DEVICE_SILENT' ? 5000 : 50_000;
    const work = async (): Promise<void> => {
      const device = await openDevice(`chromium:${path}`, { outFolder: folder, timeoutMs });
      expect(device.info.firmware).toBe('Chrome/1.2.3; onnxruntime-web 4.5.6');
      try {
        await device.load(pack(program));
      } finally {
        await device.close();
      }
    };
    const error = await work().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: 'BitwrightError', code });
    expect((error as Error).message).toMatch(words);
    expect(() => readdirSync(readFileSync(`${path}.profile`, 'utf8'))).toThrow('ENOENT');
  });

  it('is starting when the user interrupts goes with everything', async () => {
    const path = fakeBrowser('interrupted', forEver);
    const opening = openDevice(`chromium:${path}`, { outFolder: folder, signal: AbortSignal.timeout(500) });
    await expect(opening).rejects.toMatchObject({ code: 'INTERRUPTED' });
  });
});

describe('a machine without a Chromium', () => {
  const { PATH } = process.env;
  beforeEach(() => {
    process.env.PATH = '';
  });
  afterEach(() => {
    process.env.PATH = PATH;
  });

  it('is told which package to install and how to name another program', async () => {
    const error = (await openDevice('chromium:no-such-browser').catch((thrown: unknown) => thrown)) as Error;
    expect(error).toMatchObject({ code: 'DEVICE_UNAVAILABLE' });
    expect(error.message).toMatch(/apt install chromium.*scripts\/install-tools\.sh.*chromium:PATH/s);
  });

  it('is told that a file is no program', async () => {
    await expect(openDevice(`chromium:${folder}`)).rejects.toMatchObject({ code: 'DEVICE_UNAVAILABLE' });
  });
});

describe('the server of a page', () => {
  const status = (url: string, headers: Record<string, string> = {}, method = 'GET'): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      request(url, { headers, method }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on('error', reject)
        .end();
    });

  it('answers only who knows the token, by its own name, and only what it has', async () => {
    const server = await startPageServer(new Map([['', { html: 'hello' }]]), () => false);
    try {
      const { origin, pathname } = new URL(server.url);
      expect(origin).toMatch(/^http:\/\/127\.0\.0\.1:/);
      expect(pathname).toMatch(/^\/[0-9a-f]{32}\/$/);
      expect(await status(server.url)).toBe(200);
      expect(await status(server.url, {}, 'POST')).toBe(404);
      expect(await status(origin)).toBe(404);
      expect(await status(`${origin}/${'0'.repeat(32)}/`)).toBe(404);
      expect(await status(server.url, { Host: 'example.org' })).toBe(404);
      expect(await status(`${server.url}%2e%2e/package.json`)).toBe(404);
    } finally {
      await server.close();
    }
  });
});
