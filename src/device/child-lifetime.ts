/** Child processes never outlive this one: they are killed when it exits and on the signals that end it. */
import type { ChildProcess } from 'node:child_process';

/** How each living child is killed. */
const living = new Map<ChildProcess, () => void>();
const endingSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

function killAll(): void {
  for (const kill of living.values()) kill();
}

/** Kills the children, then lets the signal do what it would have done without us. */
function onSignal(signal: NodeJS.Signals): void {
  killAll();
  stopWatching();
  if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
}

function startWatching(): void {
  process.on('exit', killAll);
  for (const signal of endingSignals) process.on(signal, onSignal);
}

function stopWatching(): void {
  process.off('exit', killAll);
  for (const signal of endingSignals) process.off(signal, onSignal);
}

/** `kill` runs at most once more after the child is gone, synchronously, and must not throw. */
export function killWithUs(child: ChildProcess, kill: () => void = () => void child.kill('SIGKILL')): void {
  if (living.size === 0) startWatching();
  living.set(child, kill);
  child.once('exit', () => {
    if (living.delete(child) && living.size === 0) stopWatching();
  });
}
