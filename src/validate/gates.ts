/**
 * Gates: limits that a run must keep, from a file or from flags. A gate that cannot be judged (no labels, a device that cannot
 * count) is an error and fails the run: what was asked for and not measured is never a pass.
 */
import { BitwrightError, type Issue } from '../base/errors.ts';

export const gateSchema = 'bitwright-gates/1';

/** What a run measured; null where it could not. */
export interface Measurements {
  readonly mismatches: number;
  /** 0..1, by the data set's metric. */
  readonly accuracy: number | null;
  /** Float accuracy minus device accuracy, 0..1. */
  readonly accuracyDrop: number | null;
  readonly arenaBytes: number;
  readonly programBytes: number;
  readonly weightBytes: number;
  /** Highest of the run's inferences, by unit. */
  readonly cycles: number | null;
  readonly instructions: number | null;
  /** Null where there is no link. */
  readonly linkRetries: number | null;
}

interface GateRule {
  readonly measure: keyof Measurements;
  readonly sense: 'at most' | 'at least';
  /** Largest limit that makes sense; shares end at 1. */
  readonly limitMax: number;
  readonly whole: boolean;
  readonly missing: string;
}

const noLabels = 'the data set has no labels for a metric';
const count = { sense: 'at most', limitMax: Number.MAX_SAFE_INTEGER, whole: true } as const;
const share = { limitMax: 1, whole: false, missing: noLabels } as const;

/** Every gate there is. A new gate is one line here. */
export const gateRules = {
  maxMismatches: { measure: 'mismatches', ...count, missing: '' },
  minAccuracy: { measure: 'accuracy', sense: 'at least', ...share },
  maxAccuracyDrop: {
    measure: 'accuracyDrop',
    sense: 'at most',
    ...share,
    missing: `${noLabels}, or the model is not at hand (--model)`,
  },
  maxArenaBytes: { measure: 'arenaBytes', ...count, missing: '' },
  maxProgramBytes: { measure: 'programBytes', ...count, missing: '' },
  maxWeightBytes: { measure: 'weightBytes', ...count, missing: '' },
  maxCycles: { measure: 'cycles', ...count, missing: 'the device does not count cycles' },
  maxInstructions: { measure: 'instructions', ...count, missing: 'the device does not count instructions' },
  maxLinkRetries: { measure: 'linkRetries', ...count, missing: 'the device has no link' },
} as const satisfies Record<string, GateRule>;

export type GateName = keyof typeof gateRules;
export type Gates = Readonly<Partial<Record<GateName, number>>>;

export interface GateResult {
  readonly gate: GateName;
  readonly limit: number;
  readonly seen: number | null;
  /** `error`: asked for but not measurable in this run. */
  readonly outcome: 'pass' | 'fail' | 'error';
  readonly message: string;
}

/** Reads a gate file: `{"schema": "bitwright-gates/1", "maxMismatches": 0, ...}`. Unknown keys and odd limits are refused, all at once. */
export function parseGates(text: string, source: string): Gates {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (cause) {
    throw new BitwrightError('FILE_INVALID', { message: 'is no JSON', where: source, seen: String(cause) }, { cause });
  }
  if (typeof document !== 'object' || document === null || Array.isArray(document)) {
    throw new BitwrightError('FILE_INVALID', { message: 'must be one JSON object of gates', where: source });
  }
  const { schema, ...limits } = document as Record<string, unknown>;
  const issues: Issue[] = [];
  if (schema !== gateSchema) {
    issues.push({ message: 'has another schema', where: source, seen: String(schema), allowed: gateSchema });
  }
  for (const [name, limit] of Object.entries(limits)) issues.push(...checkLimit(name, limit, source));
  if (issues.length > 0) throw new BitwrightError('FILE_INVALID', issues);
  return limits as Gates;
}

function checkLimit(name: string, limit: unknown, source: string): Issue[] {
  const where = `${source}: ${name}`;
  const rule: GateRule | undefined = Object.hasOwn(gateRules, name) ? gateRules[name as GateName] : undefined;
  if (rule === undefined) {
    return [{ message: 'is no gate', where, allowed: Object.keys(gateRules).join(', ') }];
  }
  const fits =
    typeof limit === 'number' && limit >= 0 && limit <= rule.limitMax && (!rule.whole || Number.isInteger(limit));
  if (fits) return [];
  const allowed = rule.whole ? 'a whole number from 0' : 'a number from 0 to 1';
  return [{ message: 'has an odd limit', where, seen: JSON.stringify(limit) ?? 'nothing', allowed }];
}

/** Judges every gate, in the order of `gateRules`. */
export function judgeGates(gates: Gates, measured: Measurements): GateResult[] {
  return (Object.keys(gateRules) as GateName[])
    .filter((gate) => gates[gate] !== undefined)
    .map((gate) => judgeGate(gate, gates[gate]!, measured));
}

function judgeGate(gate: GateName, limit: number, measured: Measurements): GateResult {
  const rule: GateRule = gateRules[gate];
  const seen = measured[rule.measure];
  if (seen === null) {
    return { gate, limit, seen, outcome: 'error', message: `${gate} cannot be judged: ${rule.missing}` };
  }
  const pass = rule.sense === 'at most' ? seen <= limit : seen >= limit;
  const message = `${rule.measure} is ${print(seen)}, ${rule.sense} ${print(limit)} allowed`;
  return { gate, limit, seen, outcome: pass ? 'pass' : 'fail', message };
}

/** Six digits are enough for shares and leave no 0.30000000000000004. */
function print(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toFixed(6)));
}
