/** Hostile programs: mutations of valid ones, checksum repaired, opened and run under sanitizers; and the refusals that each part of the format owes. */
import { describe, expect, it } from 'vitest';
import { crc32 } from '../../../src/base/bytes.ts';
import { seededRandom } from '../../../src/base/random.ts';
import { describeStatus } from '../../../src/graph/status-codes.ts';
import { pack } from '../../../src/package/pack.ts';
import {
  type HostCase,
  hostKernelsMissing,
  hostVariants,
  runOnHost,
  runTestProgram,
} from '../../support/host-kernels.ts';
import { randomKernels, randomOperation, rulesOfKernel } from '../../support/random-operation.ts';

const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
const rounds = Number(process.env.FUZZ_ROUNDS ?? 400);
const missing = hostKernelsMissing();
if (missing !== undefined) console.log(`program fuzzing skipped: ${missing}`);

/** One small conv program; its sections start at 64 (tensors), 128 (operation), and so on. */
function convProgram(): HostCase & { program: Uint8Array } {
  const { program, inputs } = randomOperation('conv', 'double', seededRandom(7), { activationBits: 8, weightBits: 4 });
  return { program: pack(program), inputs };
}

/** The status name of the conv program after a change, with the checksum made right again. */
function statusAfter(change: (view: DataView) => void): string | undefined {
  const { program, inputs } = convProgram();
  const view = new DataView(program.buffer as ArrayBuffer, program.byteOffset, program.byteLength);
  change(view);
  view.setUint32(12, crc32(program.subarray(16)), true);
  return describeStatus(runOnHost([{ program, inputs }])[0]!.status)?.name;
}

const operation = 128;
const parameter = (index: number): number => operation + 32 + 4 * index;

describe.skipIf(missing !== undefined)('refusals', () => {
  it.each<[string, string, (view: DataView) => void]>([
    ['an intact program', 'OK', () => {}],
    ['another magic', 'ERROR_MAGIC', (view) => view.setUint32(0, 0x32505742, true)],
    ['another version', 'ERROR_VERSION', (view) => view.setUint16(4, 2, true)],
    ['another total length', 'ERROR_TRUNCATED', (view) => view.setUint32(8, view.byteLength + 16, true)],
    ['an unknown profile', 'ERROR_PROFILE', (view) => view.setUint16(16, 99, true)],
    ['no tensors', 'ERROR_RECORD', (view) => view.setUint16(20, 0, true)],
    ['more operations than records', 'ERROR_BOUNDS', (view) => view.setUint16(22, 2, true)],
    ['constants past the end', 'ERROR_BOUNDS', (view) => view.setUint32(56, view.getUint32(56, true) + 16, true)],
    ['an unaligned section', 'ERROR_ALIGNMENT', (view) => view.setUint32(40, 130, true)],
    ['scratch larger than the arena', 'ERROR_ARENA', (view) => view.setUint32(32, 0x100000, true)],
    ['too little scratch', 'ERROR_ARENA', (view) => view.setUint32(32, 0, true)],
    ['a tensor outside the arena', 'ERROR_BOUNDS', (view) => view.setUint32(64, 0x100000, true)],
    ['a tensor of an unknown dtype', 'ERROR_DTYPE', (view) => view.setUint8(64 + 12, 9)],
    ['a tensor whose size is not its dims', 'ERROR_RECORD', (view) => view.setUint32(64 + 28, 1000, true)],
    ['an unknown opcode', 'ERROR_OPCODE', (view) => view.setUint16(operation, 999, true)],
    ['an unknown rule', 'ERROR_RULE', (view) => view.setUint8(operation + 4, 9)],
    ['an input that does not exist', 'ERROR_BOUNDS', (view) => view.setUint16(operation + 10, 7, true)],
    ['a kernel of height 0', 'ERROR_PARAMETERS', (view) => view.setInt32(parameter(6), 0, true)],
    ['a huge stride', 'ERROR_PARAMETERS', (view) => view.setInt32(parameter(8), 0x7fffffff, true)],
    ['another input width', 'ERROR_SHAPE', (view) => view.setInt32(parameter(1), 1000, true)],
    ['a zero point outside the codes', 'ERROR_PARAMETERS', (view) => view.setInt32(parameter(16), 200, true)],
    ['a clamp outside the codes', 'ERROR_PARAMETERS', (view) => view.setInt32(parameter(18), -129, true)],
    [
      'an empty clamp',
      'ERROR_PARAMETERS',
      (view) => {
        view.setInt32(parameter(18), 5, true);
        view.setInt32(parameter(19), 4, true);
      },
    ],
    ['weights outside the constants', 'ERROR_CONSTANT', (view) => view.setUint32(parameter(21), 0x10000, true)],
    ['no multiplier', 'ERROR_CONSTANT', (view) => view.setUint32(parameter(23), 0xffffffff, true)],
  ])('%s: %s', (_, status, change) => {
    expect(statusAfter(change)).toBe(status);
  });

  it('a wrong checksum: ERROR_CRC', () => {
    const { program, inputs } = convProgram();
    program[200]! ^= 1;
    expect(describeStatus(runOnHost([{ program, inputs }])[0]!.status)?.name).toBe('ERROR_CRC');
  });

  it('every truncation is refused', () => {
    const { program } = convProgram();
    const lengths = Array.from({ length: program.length }, (_, length) => length);
    const answers = runOnHost(lengths.map((length) => ({ program: program.subarray(0, length), inputs: [] })));
    expect(new Set(answers.map(({ status }) => describeStatus(status)?.name))).toEqual(new Set(['ERROR_TRUNCATED']));
  });
});

describe.skipIf(missing !== undefined)(`mutations (SEED=${seed}, FUZZ_ROUNDS=${rounds})`, () => {
  it.each([undefined, ...hostVariants])('run clean or are refused (variant %s)', (variant) => {
    const random = seededRandom(seed);
    const cases = randomKernels().flatMap((kernel) =>
      rulesOfKernel(kernel).map((rule) => {
        const { program, inputs } = randomOperation(kernel, rule, random);
        return { program: pack(program), inputs };
      }),
    );
    const build = variant === undefined ? {} : { variant };
    const { stdout } = runTestProgram('fuzz_program', cases, [String(rounds), String(seed)], build);
    const counts = JSON.parse(stdout) as { accepted: number; refused: number };
    expect(counts.accepted + counts.refused).toBe(cases.length * rounds);
    expect(counts.accepted).toBeGreaterThan(cases.length);
    expect(counts.refused).toBeGreaterThan(cases.length);
  });
});
