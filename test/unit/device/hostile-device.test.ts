/** A device that answers with anything at all: a session ends with an error for users, soon, and never with a wrong answer. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BitwrightError } from '../../../src/base/errors.ts';
import { openSession } from '../../../src/device/session.ts';
import { pack } from '../../../src/package/pack.ts';
import { randomInputs, sampleProgram } from '../simulate/sample-program.ts';
import { afterHello, reply, scriptedTransport } from './scripted-transport.ts';

const program = sampleProgram(1);
const bytes = pack(program);
const inputs = randomInputs(program, 1, 1);

const answer = fc.record({
  payload: fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc.uint8Array({ maxLength: 40 }).map((rest) => Uint8Array.of(0, 0, ...rest)),
    fc.constant(
      Uint8Array.of(0, 0, program.arenaBytes & 255, program.arenaBytes >> 8, 0, 0, program.operations.length, 0),
    ),
  ),
  raw: fc.boolean(),
});

describe('a device that answers with anything', () => {
  it('never hangs a session, and every failure is told as an error for users', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(answer, { minLength: 1, maxLength: 12 }), async (answers) => {
        let turn = 0;
        const transport = scriptedTransport(
          afterHello((frame, send) => {
            const { payload, raw } = answers[turn++ % answers.length]!;
            if (raw) send(payload);
            send(reply(frame, payload));
          }),
        );
        const device = await openSession(transport, { kind: 'x', id: 'x', startMs: 500, timeoutMs: 500 });
        const told = (error: unknown): void => {
          expect(error).toBeInstanceOf(BitwrightError);
          expect((error as BitwrightError).code).not.toBe('INTERNAL');
        };
        const loaded = await device.load(bytes).then(
          () => true,
          (error: unknown) => {
            told(error);
            return false;
          },
        );
        if (loaded) {
          const run = await device.run(inputs).catch(told);
          if (run !== undefined) expect(run.outputs.map(({ length }) => length)).toEqual([10]);
          await device.trace(inputs).catch(told);
          await device.readOperation(inputs, 1).catch(told);
        }
        await device.close();
      }),
      { numRuns: 60 },
    );
  }, 60_000);
});
