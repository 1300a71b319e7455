/**
 * The page's side of the `chromium` device: fetches commands from the server that it came from, runs them in onnxruntime-web, posts the
 * answers. Runs in the browser.
 */
import { decodeMessage, encodeMessage, type PageAnswer, type PageCommand } from './chromium-messages.ts';
import { type CoreSession, createCoreSession, type OrtRuntime } from './core-session.ts';

interface WebRuntime extends OrtRuntime {
  readonly env: {
    readonly wasm: { numThreads: number };
    logLevel: string;
    readonly versions: { readonly web?: string };
  };
}

type Tensors = Parameters<CoreSession['run']>[0];

const sessions = new Map<number, CoreSession>();
const noTensors: Tensors = new Map();

function post(path: string, body: string | Uint8Array<ArrayBuffer>): Promise<Response> {
  return fetch(`./${path}`, { method: 'POST', body });
}

async function obey(
  ort: OrtRuntime,
  command: PageCommand,
  tensors: Tensors,
): Promise<{ readonly tensors: Tensors; readonly milliseconds: number }> {
  if (command.kind === 'create') {
    const model = tensors.get('model')!.data as Uint8Array<ArrayBuffer>;
    const options = { executionProviders: ['wasm'], graphOptimizationLevel: command.level };
    sessions.set(command.session, await createCoreSession(ort, model, options));
    return { tensors: noTensors, milliseconds: 0 };
  }
  const session = sessions.get(command.session);
  if (session === undefined) throw new Error(`there is no session ${command.session}`);
  if (command.kind === 'run') return session.run(tensors);
  sessions.delete(command.session);
  await session.close();
  return { tensors: noTensors, milliseconds: 0 };
}

/** Answers one command; what goes wrong is an answer too. */
async function answer(ort: OrtRuntime, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  const { id, body, tensors } = decodeMessage(bytes);
  let reply: { readonly body: PageAnswer; readonly tensors: Tensors };
  try {
    const { milliseconds, ...result } = await obey(ort, body as PageCommand, tensors);
    reply = { body: { kind: 'done', milliseconds }, tensors: result.tensors };
  } catch (error) {
    reply = { body: { kind: 'failed', message: String(error) }, tensors: noTensors };
  }
  await post('answer', encodeMessage({ id, ...reply }));
}

async function serve(): Promise<void> {
  /* never ends by itself: its end tells the server that the page is gone */
  void fetch('./alive').then((response) => response.text());
  const ort = (await import(new URL('./ort/ort.wasm.bundle.min.mjs', document.baseURI).href)) as WebRuntime;
  ort.env.wasm.numThreads = 1;
  ort.env.logLevel = 'error';
  await post('ready', `${navigator.userAgent}; onnxruntime-web ${ort.env.versions.web ?? 'of unknown version'}`);
  for (;;) {
    const response = await fetch('./work');
    if (response.status === 200) await answer(ort, new Uint8Array(await response.arrayBuffer()));
    else if (response.status !== 204) throw new Error(`the server answered ${response.status}`);
  }
}

serve().catch((error: unknown) => post('failure', String(error)));
