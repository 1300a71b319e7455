/** Entry point of a simulation worker in Node. */
import { parentPort } from 'node:worker_threads';
import { serveEngine } from './serve-engine.ts';
import type { WorkerRequest } from './worker-messages.ts';

const handle = serveEngine();
parentPort?.on('message', (request: WorkerRequest) => {
  void handle(request).then(({ reply, transfer }) => parentPort?.postMessage(reply, [...transfer]));
});
