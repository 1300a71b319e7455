/** Where the time of a search goes: wall time per phase, and the part of it that was spent waiting for the simulator. */
import type { Phase } from './search-context.ts';

export interface PhaseTime {
  readonly phase: Phase;
  readonly seconds: number;
  readonly simulateSeconds: number;
}

export interface PhaseClock {
  /** Ends the phase before, if there is one. A phase that comes again adds to its first time. */
  enter(phase: Phase): void;
  /** In the order in which the phases began. */
  times(): PhaseTime[];
}

/** `simulated` gives the seconds spent in the simulator so far; `now` milliseconds, for tests. */
export function createPhaseClock(simulated: () => number, now: () => number = () => performance.now()): PhaseClock {
  const spent = new Map<Phase, { seconds: number; simulateSeconds: number }>();
  let current: { phase: Phase; at: number; simulated: number } | null = null;
  const close = (): void => {
    if (current === null) return;
    const before = spent.get(current.phase) ?? { seconds: 0, simulateSeconds: 0 };
    spent.set(current.phase, {
      seconds: before.seconds + (now() - current.at) / 1000,
      simulateSeconds: before.simulateSeconds + simulated() - current.simulated,
    });
  };
  const enter = (phase: Phase): void => {
    close();
    current = { phase, at: now(), simulated: simulated() };
  };
  return {
    enter,
    times: () => {
      if (current !== null) enter(current.phase);
      return [...spent].map(([phase, time]) => ({ phase, ...time }));
    },
  };
}
