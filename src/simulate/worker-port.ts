/** A worker as the pool sees it, and the one that needs no thread: the same engine on the caller's own, for where workers are missing. */
import { serveEngine } from './serve-engine.ts';
import { failureReply, type WorkerReply, type WorkerRequest } from './worker-messages.ts';

export interface WorkerPort {
  send(request: WorkerRequest, transfer: readonly ArrayBuffer[]): void;
  /** Called once for every request. */
  onReply(listener: (reply: WorkerReply) => void): void;
  /** Called when the worker ends on its own or breaks, with the cause. */
  onDeath(listener: (cause: unknown) => void): void;
  /** Whether the process should stay alive for this worker. */
  setBusy(busy: boolean): void;
  terminate(): Promise<void>;
}

export type StartWorker = () => Promise<WorkerPort>;

export async function startInlineWorker(): Promise<WorkerPort> {
  const handle = serveEngine();
  let listener: (reply: WorkerReply) => void = () => {};
  return {
    send(request) {
      handle(request).then(
        ({ reply }) => listener(reply),
        (error) => listener(failureReply(error)),
      );
    },
    onReply(next) {
      listener = next;
    },
    onDeath() {},
    setBusy() {},
    async terminate() {},
  };
}
