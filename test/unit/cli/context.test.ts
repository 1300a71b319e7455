/** What a verb may do to the outside: one document on stdout, everything else on stderr, cleanups on interrupt. */
import { expect, test } from 'vitest';
import { createContext } from '../../../src/cli/context.ts';
import { withClosing } from '../../../src/cli/steps/with-closing.ts';

function recorded(json: boolean, quiet: boolean) {
  const out: string[] = [];
  const err: string[] = [];
  const stream = (lines: string[]) =>
    ({ write: (text: string) => lines.push(text) > 0 }) as unknown as NodeJS.WriteStream;
  const context = createContext(
    { json, quiet },
    { out: stream(out) as typeof process.stdout, err: stream(err) as typeof process.stderr },
  );
  return { out, err, context };
}

test('with --json the document goes to stdout and nothing else does', () => {
  const { out, err, context } = recorded(true, false);
  context.log('working');
  context.result({ schemaVersion: 1, answer: 42 }, 'the answer is 42');
  expect(JSON.parse(out.join(''))).toEqual({ schemaVersion: 1, answer: 42 });
  expect(err).toEqual(['working\n']);
});

test('without --json the text goes to stdout', () => {
  const { out, context } = recorded(false, false);
  context.result({ schemaVersion: 1 }, 'text');
  expect(out).toEqual(['text\n']);
});

test('quiet keeps warnings and results only', () => {
  const { out, err, context } = recorded(false, true);
  context.log('working');
  context.progress('run', 'samples').finish();
  context.warn('careful');
  context.result({ schemaVersion: 1 }, 'text');
  expect([out, err]).toEqual([['text\n'], ['careful\n']]);
});

test('an interrupt aborts and runs what is still registered, newest first, whatever it throws', async () => {
  const { context } = recorded(false, false);
  const ran: string[] = [];
  context.onInterrupt(() => void ran.push('first'));
  const forget = context.onInterrupt(() => void ran.push('forgotten'));
  context.onInterrupt(() => {
    throw new Error('broken cleanup');
  });
  context.onInterrupt(async () => void ran.push('last'));
  forget();
  await context.interrupt();
  expect(ran).toEqual(['last', 'first']);
  expect(() => context.signal.throwIfAborted()).toThrow(expect.objectContaining({ code: 'INTERRUPTED' }));
});

test('gentle work is asked to end once, and is an interrupt like any other after that', async () => {
  const { err, context } = recorded(false, true);
  expect(context.stopGently()).toBe(false);
  const result = context.gently('ending', async (signal) => {
    expect(signal.aborted).toBe(false);
    expect(context.stopGently()).toBe(true);
    expect(context.stopGently()).toBe(false);
    return signal.aborted;
  });
  expect(await result).toBe(true);
  expect(context.stopGently()).toBe(false);
  expect(context.signal.aborted).toBe(false);
  expect(err).toEqual(['\nending\n']);
});

test('a resource is closed once on success and on failure, and by an interrupt while it is in use', async () => {
  let closed = 0;
  const resource = {
    close: async () => {
      closed++;
    },
  };
  const { context } = recorded(false, false);
  expect(await withClosing(context, resource, async () => 'used')).toBe('used');
  expect(closed).toBe(1);
  await expect(withClosing(context, resource, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(closed).toBe(2);
  await context.interrupt();
  expect(closed).toBe(2);
  const other = recorded(false, false).context;
  let release = (): void => {};
  const hanging = withClosing(other, resource, () => new Promise<void>((resolve) => (release = resolve)));
  await other.interrupt();
  expect(closed).toBe(3);
  release();
  await hanging;
});
