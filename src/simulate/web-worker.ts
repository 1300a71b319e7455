/** Entry point of a simulation worker in a browser. */
import { serveEngine } from './serve-engine.ts';
import type { WorkerRequest } from './worker-messages.ts';

const handle = serveEngine();
globalThis.addEventListener('message', (event: MessageEvent<WorkerRequest>) => {
  void handle(event.data).then(({ reply, transfer }) => globalThis.postMessage(reply, { transfer: [...transfer] }));
});
