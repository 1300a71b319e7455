/**
 * What a search costs, in runs of the whole program over all calibration samples. An evaluation costs the multiply-accumulates of the
 * operations that differ from the last program or follow such a one; operations behind the wanted tensors cost nothing.
 */
import type { IntegerOperation, IntegerProgram } from '../graph/integer-program.ts';
import { getOp } from '../ops/registry.ts';

export interface CostMeter {
  /** Counts one run of `program` over `samples` samples for the wanted tensors. */
  add(program: IntegerProgram, wanted: readonly number[], samples: number): void;
  readonly fullEquivalents: number;
}

export function createCostMeter(allSamples: number): CostMeter {
  let held: (HeldOperation | undefined)[] = [];
  let total = 0;
  let latest = 0;
  return {
    get fullEquivalents() {
      return total;
    },
    add(program, wanted, samples) {
      const programMacs = program.operations.reduce((sum, { macs }) => sum + macs, 0);
      if (programMacs === 0) return;
      const needed = neededOperations(program, wanted);
      const tensorVersions = new Map<number, number>();
      let macs = 0;
      program.operations.forEach((operation, index) => {
        const versions = operation.inputs.map((tensor) => tensorVersions.get(tensor) ?? 0);
        const data = constantsOf(program, operation);
        const before = held[index];
        const same = before !== undefined && isSame(before, operation, data, versions);
        const version = same ? before.version : ++latest;
        tensorVersions.set(operation.output, version);
        const doneBefore = same ? before.samples : 0;
        const done = needed[index] ? Math.max(samples, doneBefore) : doneBefore;
        macs += operation.macs * (done - doneBefore);
        held[index] = { operation, data, versions, version, samples: done };
      });
      held = held.slice(0, program.operations.length);
      total += macs / programMacs / allSamples;
    },
  };
}

interface HeldOperation {
  readonly operation: IntegerOperation;
  readonly data: readonly unknown[];
  readonly versions: readonly number[];
  readonly version: number;
  /** Samples for which the output has been computed. */
  readonly samples: number;
}

function neededOperations(program: IntegerProgram, wanted: readonly number[]): boolean[] {
  const tensors = new Set(wanted);
  const needed = program.operations.map(() => false);
  for (let index = program.operations.length - 1; index >= 0; index--) {
    const { output, inputs } = program.operations[index];
    if (!tensors.has(output) && !isStorageOf(program, output, tensors)) continue;
    needed[index] = true;
    for (const input of inputs) tensors.add(input);
  }
  return needed;
}

/** A view has no operation of its own: it lies where the tensor it shows lies. */
function isStorageOf(program: IntegerProgram, output: number, tensors: ReadonlySet<number>): boolean {
  const own = program.tensors[output];
  for (const tensor of tensors) {
    if (program.tensors[tensor].arenaOffsetBytes !== own.arenaOffsetBytes) continue;
    if (program.operations.every((operation) => operation.output !== tensor)) return true;
  }
  return false;
}

/** The data behind the operation's constants. Lowering keeps unchanged arrays, so identity tells. */
function constantsOf(program: IntegerProgram, operation: IntegerOperation): unknown[] {
  const specs = getOp(operation.kernel).kernel?.parameters ?? [];
  return specs
    .filter(({ name, kind }) => kind === 'constant' && operation.parameters[name] >= 0)
    .map(({ name }) => program.constants[operation.parameters[name]].data);
}

function isSame(
  before: HeldOperation,
  operation: IntegerOperation,
  data: readonly unknown[],
  versions: readonly number[],
): boolean {
  return (
    data.length === before.data.length &&
    data.every((entry, index) => entry === before.data[index]) &&
    versions.every((version, index) => version === before.versions[index]) &&
    Object.entries(operation.parameters).every(([name, value]) => before.operation.parameters[name] === value)
  );
}
