/** What making a package cost: wall time by stage, the search in float passes, the most memory that was held. */
import type { QuantizationResult } from '../../search/quantize-model.ts';

export interface StageTime {
  readonly stage: string;
  readonly seconds: number;
  /** Of it waiting for the simulator; only for stages of the search. */
  readonly simulateSeconds?: number;
}

export interface RunCost {
  readonly stages: readonly StageTime[];
  /** One run of the float model over the calibration samples. */
  readonly floatPassSeconds: number;
  /** Of the search, without calibration. */
  readonly searchFloatPasses: number;
  /** Of all threads, since the process began. */
  readonly cpuSeconds: number;
  readonly peakResidentBytes: number;
}

export interface StageClock {
  /** Notes what ends now; it began where the one before ended. */
  end(stage: string): void;
  readonly stages: readonly StageTime[];
}

export function createStageClock(): StageClock {
  const stages: StageTime[] = [];
  let from = performance.now();
  return {
    stages,
    end(stage) {
      const now = performance.now();
      stages.push({ stage, seconds: (now - from) / 1000 });
      from = now;
    },
  };
}

/** The search as one stage per phase in place of its own. */
export function costOf(
  stages: readonly StageTime[],
  result: Pick<QuantizationResult, 'times'>,
  floatPassSeconds: number,
): RunCost {
  const phases = result.times.map(({ phase, ...time }): StageTime => ({ stage: `search: ${phase}`, ...time }));
  const searchSeconds = phases.reduce((sum, { seconds }) => sum + seconds, 0);
  const { user, system } = process.cpuUsage();
  return {
    stages: stages.flatMap((stage) => (stage.stage === 'search' ? phases : [stage])),
    floatPassSeconds,
    searchFloatPasses: searchSeconds / floatPassSeconds,
    cpuSeconds: (user + system) / 1e6,
    peakResidentBytes: process.resourceUsage().maxRSS * 1024,
  };
}
