/** A real browser as a device: model.onnx in onnxruntime-web on a page of a Chromium without a window. The argument is the program. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { builtFile } from '../../base/built-file.ts';
import { BitwrightError } from '../../base/errors.ts';
import type { Tensor } from '../../base/tensor.ts';
import { ChromiumLink } from '../chromium-link.ts';
import { findChromium, startChromium } from '../chromium-process.ts';
import type { CoreSession } from '../core-session.ts';
import type { Device, DeviceOpenOptions, DeviceProvider } from '../device.ts';
import { type CreateCoreSession, openOnnxDevice } from '../onnx-core.ts';
import { type PageFiles, startPageServer } from '../page-server.ts';

/** A browser starts and a model is loaded in seconds; slow machines and large models need more. */
const timeoutMsDefault = 300_000;
const startMsMax = 120_000;
const page = '<!doctype html><title>bitwright</title><script type="module" src="device/chromium-page.js"></script>';
const pageModules = ['chromium-page.js', 'chromium-messages.js', 'core-session.js'];
const runtimeFiles = ['ort.wasm.bundle.min.mjs', 'ort-wasm-simd-threaded.mjs', 'ort-wasm-simd-threaded.wasm'];

/** Throws DEVICE_UNAVAILABLE where bitwright or onnxruntime-web is not there in full. */
function pageFiles(): PageFiles {
  const folder = dirname(createRequire(import.meta.url).resolve('onnxruntime-web/ort-wasm-simd-threaded.wasm'));
  const paths = new Map([
    ...pageModules.map((name): [string, string] => [
      `device/${name}`,
      fileURLToPath(builtFile(`../${name}`, import.meta.url)),
    ]),
    ...runtimeFiles.map((name): [string, string] => [`ort/${name}`, join(folder, name)]),
  ]);
  for (const file of paths.values()) {
    if (existsSync(file)) continue;
    throw new BitwrightError('DEVICE_UNAVAILABLE', {
      message: 'a file for the page is missing',
      where: file,
      next: 'Run `npm ci && npm run build`, or install bitwright again.',
    });
  }
  const files: PageFiles = new Map([...paths].map(([path, file]) => [path, { file }]));
  return new Map([...files, ['', { html: page }]]);
}

interface Browser {
  /** Browser and runtime in its own words. */
  readonly firmware: string;
  readonly createSession: CreateCoreSession;
  close(): Promise<void>;
}

type InTime = <T>(what: string, work: Promise<T>, limitMs?: number) => Promise<T>;

async function startBrowser(device: string, program: string, options: DeviceOpenOptions): Promise<Browser> {
  const timeoutMs = options.timeoutMs ?? timeoutMsDefault;
  const link = new ChromiumLink(device);
  const server = await startPageServer(pageFiles(), link.handle);
  const browser = await startChromium(program, server.url).catch(async (error: unknown) => {
    await server.close();
    throw error;
  });
  void browser.ended.then((why) => link.fail('LINK_FAILED', why));
  const onAbort = (): void => link.fail('INTERRUPTED', 'interrupted');
  options.signal?.addEventListener('abort', onAbort);
  if (options.signal?.aborted) onAbort();
  const inTime: InTime = async (what, work, limitMs = timeoutMs) => {
    const timer = setTimeout(() => link.fail('DEVICE_SILENT', `no answer in ${limitMs} ms to: ${what}`), limitMs);
    return work.finally(() => clearTimeout(timer));
  };
  const close = async (): Promise<void> => {
    options.signal?.removeEventListener('abort', onAbort);
    await browser.close();
    await server.close();
  };
  try {
    const firmware = shortName(await inTime('start', link.ready, Math.min(timeoutMs, startMsMax)));
    return { firmware, createSession: sessionsOver(link, inTime), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Of a user agent: `Chrome/1.2.3.4; onnxruntime-web 5.6.7`. */
function shortName(text: string): string {
  const version = /(?:Headless)?(Chrome\/[\d.]+)/.exec(text)?.[1] ?? 'unknown browser';
  const runtime = /onnxruntime-web [\w.-]{1,40}/.exec(text)?.[0] ?? '';
  return `${version}; ${runtime}`;
}

function sessionsOver(link: ChromiumLink, inTime: InTime): CreateCoreSession {
  let sessions = 0;
  return async (model, level): Promise<CoreSession> => {
    sessions += 1;
    const session = sessions;
    const file: Tensor = { dtype: 'uint8', shape: [model.length], data: model };
    await inTime('load the model', link.ask({ kind: 'create', session, level }, new Map([['model', file]])));
    return {
      run: (feeds) => inTime('run', link.ask({ kind: 'run', session }, feeds)),
      close: async () => {} /* it ends with the browser */,
    };
  };
}

async function open(argument: string, options: DeviceOpenOptions): Promise<Device> {
  const device = argument === '' ? 'chromium' : `chromium:${argument}`;
  const browser = await startBrowser(device, findChromium(argument), options);
  try {
    const inner = await openOnnxDevice('chromium', '', options, browser.createSession);
    return { ...inner, info: { ...inner.info, firmware: browser.firmware }, close: browser.close };
  } catch (error) {
    await browser.close();
    throw error;
  }
}

export const provider: DeviceProvider = {
  kind: 'chromium',
  usage:
    'chromium[:PROGRAM]: model.onnx in onnxruntime-web inside a Chromium without a window; PROGRAM is another browser',
  probe: async () => {
    try {
      return { available: true, detail: findChromium('') };
    } catch (error) {
      return { available: false, detail: (error as Error).message };
    }
  },
  open,
};
