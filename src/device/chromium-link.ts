/**
 * The host's side of the conversation with the page. The page fetches one command after the other (each fetch waits for a command) and
 * posts the answers; a response that never ends tells when the page is gone. What it posts is untrusted.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { BitwrightError } from '../base/errors.ts';
import type { Tensor } from '../base/tensor.ts';
import { decodeMessage, encodeMessage, type Message, type PageAnswer, type PageCommand } from './chromium-messages.ts';
import { type PageHandler, readBody } from './page-server.ts';

const answerBytesMax = 2 ** 28;
const textBytesMax = 4096;
/** A fetch that waited for so long is answered with nothing, and the page asks again. */
const fetchMs = 20_000;

interface Waiting {
  resolve(message: Message): void;
  reject(error: BitwrightError): void;
}

export class ChromiumLink {
  /** What the page says of itself once it can take commands. Rejects like every command once the page has failed. */
  readonly ready: Promise<string>;
  readonly #device: string;
  readonly #outbox: Uint8Array<ArrayBuffer>[] = [];
  readonly #waiting = new Map<number, Waiting>();
  #fetch: ServerResponse | undefined;
  #lastId = 0;
  #failure: BitwrightError | undefined;
  #isReady!: (text: string) => void;
  #neverReady!: (error: BitwrightError) => void;

  constructor(device: string) {
    this.#device = device;
    this.ready = new Promise((resolve, reject) => {
      this.#isReady = resolve;
      this.#neverReady = reject;
    });
    this.ready.catch(() => {}); /* it is awaited later, or the failure is told by a command */
  }

  /** Sends a command and waits for its answer. Throws DEVICE_FAULT where the page could not do it, LINK_FAILED where it is gone. */
  async ask(
    body: PageCommand,
    tensors: ReadonlyMap<string, Tensor>,
  ): Promise<{ tensors: ReadonlyMap<string, Tensor>; milliseconds: number }> {
    if (this.#failure !== undefined) throw this.#failure;
    this.#lastId += 1;
    const id = this.#lastId;
    const answered = new Promise<Message>((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
    this.#outbox.push(encodeMessage({ id, body, tensors }));
    this.#deliver();
    const reply = await answered;
    const answer = reply.body as Partial<PageAnswer & { milliseconds: number; message: string }>;
    if (answer.kind === 'done' && Number.isFinite(answer.milliseconds))
      return { tensors: reply.tensors, milliseconds: answer.milliseconds! };
    throw new BitwrightError('DEVICE_FAULT', {
      message: `onnxruntime-web in the browser could not ${body.kind} a session: ${String(answer.message).slice(0, textBytesMax)}`,
      where: this.#device,
    });
  }

  /** From here on every command fails with this reason; the first one counts. */
  fail(code: 'LINK_FAILED' | 'DEVICE_SILENT' | 'INTERRUPTED', message: string): void {
    if (this.#failure !== undefined) return;
    const next =
      code === 'INTERRUPTED' ? {} : { next: 'Run again; a browser that runs out of memory ends like this too.' };
    this.#failure = new BitwrightError(code, { message, where: this.#device, ...next });
    this.#neverReady(this.#failure);
    for (const { reject } of this.#waiting.values()) reject(this.#failure);
    this.#waiting.clear();
  }

  readonly handle: PageHandler = (path, request, response) => {
    if (path === 'alive' && request.method === 'GET') this.#watch(response);
    else if (path === 'work' && request.method === 'GET') this.#take(response);
    else if (path === 'answer' && request.method === 'POST') void this.#receive(request, response);
    else if (path === 'ready' && request.method === 'POST') void this.#text(request, response, this.#isReady);
    else if (path === 'failure' && request.method === 'POST')
      void this.#text(request, response, (text) => this.fail('LINK_FAILED', `the page in the browser failed: ${text}`));
    else return false;
    return true;
  };

  #watch(response: ServerResponse): void {
    response.writeHead(200).flushHeaders();
    response.once('close', () => this.fail('LINK_FAILED', 'the page in the browser is gone: closed or crashed'));
  }

  #take(response: ServerResponse): void {
    this.#fetch?.writeHead(204).end();
    this.#fetch = response;
    const timer = setTimeout(() => {
      this.#fetch = undefined;
      response.writeHead(204).end();
    }, fetchMs);
    response.once('close', () => {
      clearTimeout(timer);
      if (this.#fetch === response) this.#fetch = undefined;
    });
    this.#deliver();
  }

  #deliver(): void {
    if (this.#fetch === undefined || this.#outbox.length === 0) return;
    const response = this.#fetch;
    this.#fetch = undefined;
    response.writeHead(200, { 'Content-Type': 'application/octet-stream' }).end(this.#outbox.shift());
  }

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const bytes = await readBody(request, answerBytesMax);
    if (bytes === null) {
      response.destroy();
      this.fail('LINK_FAILED', `an answer of the page broke off or is longer than ${answerBytesMax} bytes`);
      return;
    }
    response.writeHead(204).end();
    try {
      const message = decodeMessage(bytes);
      this.#waiting.get(message.id)?.resolve(message);
      this.#waiting.delete(message.id);
    } catch (error) {
      this.fail('LINK_FAILED', `an answer of the page cannot be read: ${(error as Error).message}`);
    }
  }

  async #text(request: IncomingMessage, response: ServerResponse, use: (text: string) => void): Promise<void> {
    const bytes = await readBody(request, textBytesMax);
    response.writeHead(204).end();
    use(bytes === null ? 'its words are too long' : new TextDecoder().decode(bytes).replace(/\p{Cc}+/gu, ' '));
  }
}
