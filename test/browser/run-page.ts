/** Opens simulate-page.mjs in a Chromium with one job and waits for what it posts. */
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { findChromium, startChromium } from '../../src/device/chromium-process.ts';
import { type PageFiles, type PageHandler, readBody, startPageServer } from '../../src/device/page-server.ts';

export interface PageJob {
  readonly program: Uint8Array;
  readonly inputs: readonly Int8Array[];
  readonly samples: number;
  /** Indices of the tensors to read. */
  readonly tensors: readonly number[];
  /** null: as many as the pool likes. */
  readonly workers: number | null;
  /** Pretends that the browser has no Web Workers. */
  readonly hideWorkers?: boolean;
}

export interface PageResult {
  readonly workers: number;
  readonly hasWorkers: boolean;
  readonly outputs: readonly (readonly number[])[];
  /** Outputs of the TypeScript reference for the first sample. */
  readonly reference: readonly (readonly number[])[];
  /** The program unpacked and packed again. */
  readonly repacked: readonly number[];
  readonly code?: string | null;
  readonly error?: string;
}

const page = '<!doctype html><title>test</title><script type="module" src="simulate-page.mjs"></script>';

function distFiles(without: readonly string[]): PageFiles {
  const dist = fileURLToPath(new URL('../../dist/', import.meta.url));
  const names = readdirSync(dist, { recursive: true, encoding: 'utf8' }).map((name) => name.replaceAll('\\', '/'));
  const scripts = names.filter((name) => name.endsWith('.js') && !without.includes(name));
  return new Map([
    ['', { html: page }],
    ['simulate-page.mjs', { file: fileURLToPath(new URL('./simulate-page.mjs', import.meta.url)) }],
    ...scripts.map((name) => [`dist/${name}`, { file: dist + name }] as const),
  ]);
}

/** `without`: files of dist that the server does not have. */
export async function runPage(job: PageJob, without: readonly string[] = []): Promise<PageResult> {
  const wire = { ...job, program: [...job.program], inputs: job.inputs.map((values) => [...values]) };
  let resolve!: (result: PageResult) => void;
  let reject!: (error: Error) => void;
  const posted = new Promise<PageResult>((onResult, onFailure) => {
    resolve = onResult;
    reject = onFailure;
  });
  const handler: PageHandler = (path, request, response) => {
    if (path === 'job') response.end(JSON.stringify(wire));
    else if (path === 'result') {
      void readBody(request, 2 ** 24).then((bytes) => {
        response.end();
        resolve(JSON.parse(new TextDecoder().decode(bytes!)) as PageResult);
      }, reject);
    } else return false;
    return true;
  };
  const server = await startPageServer(distFiles(without), handler);
  const browser = await startChromium(findChromium(''), server.url);
  void browser.ended.then((why) => reject(new Error(why)));
  try {
    return await posted;
  } finally {
    await browser.close();
    await server.close();
  }
}
