/**
 * A web server for one page on this machine: it listens on the loopback address only, and answers nobody who does not know the random
 * token in its path. It serves a fixed list of files; the rest of the paths belong to a handler.
 */
import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname } from 'node:path';
import { pipeline } from 'node:stream/promises';

/** Path below the token, such as `device/page.js` -> absolute path of the file, or the text itself. */
export type PageFiles = ReadonlyMap<string, { readonly file: string } | { readonly html: string }>;

/** Whether the path was one of its own. It ends the response. */
export type PageHandler = (path: string, request: IncomingMessage, response: ServerResponse) => boolean;

export interface PageServer {
  /** Of the page with path ''. Ends in a slash. */
  readonly url: string;
  close(): Promise<void>;
}

const contentTypes: Readonly<Record<string, string>> = {
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.wasm': 'application/wasm',
};

/** Only its own scripts and addresses; isolated, which makes clocks finer. */
const headers = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'",
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
};

export async function startPageServer(files: PageFiles, handler: PageHandler): Promise<PageServer> {
  const token = randomBytes(16).toString('hex');
  let host = '';
  const server = createServer((request, response) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    const path = request.headers.host === host ? pathBelow(token, request.url ?? '') : undefined;
    if (path === undefined) response.writeHead(404).end();
    else if (!handler(path, request, response)) void sendFile(files, path, request, response);
  });
  /* a handler may hold a response for as long as it likes */
  server.requestTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: `http://${host}/${token}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function pathBelow(token: string, url: string): string | undefined {
  const { pathname } = new URL(url, 'http://localhost');
  return pathname.startsWith(`/${token}/`) ? pathname.slice(token.length + 2) : undefined;
}

async function sendFile(
  files: PageFiles,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const found = request.method === 'GET' ? files.get(path) : undefined;
  try {
    if (found === undefined) response.writeHead(404).end();
    else if ('html' in found) response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' }).end(found.html);
    else {
      const { size } = await stat(found.file);
      const type = contentTypes[extname(found.file)] ?? 'application/octet-stream';
      response.writeHead(200, { 'Content-Type': type, 'Content-Length': size });
      await pipeline(createReadStream(found.file), response);
    }
  } catch {
    response.destroy(); /* the page sees a failed load and says which */
  }
}

/** The whole body, or null where it is longer than allowed or breaks off. */
export async function readBody(request: IncomingMessage, bytesMax: number): Promise<Uint8Array<ArrayBuffer> | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > bytesMax) return null;
      chunks.push(chunk);
    }
  } catch {
    return null;
  }
  return new Uint8Array(Buffer.concat(chunks));
}
