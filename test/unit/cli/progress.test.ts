/** Progress lines with a clock that the test turns. */
import { expect, test } from 'vitest';
import { createProgress } from '../../../src/cli/progress.ts';

function recorder(isTTY: boolean, columns = 200) {
  let time = 0;
  const written: string[] = [];
  const stream = { isTTY, columns, write: (text: string) => written.push(text) > 0 };
  return {
    written,
    stream,
    now: () => time,
    advance: (ms: number) => {
      time += ms;
    },
  };
}

test('a log gets a line every ten seconds and one at the end', () => {
  const { written, stream, now, advance } = recorder(false);
  const progress = createProgress({ label: 'run', unit: 'samples', quiet: false, stream, now });
  for (let done = 1; done <= 25; done++) {
    advance(1000);
    progress.update(done, 40);
  }
  progress.finish();
  expect(written).toEqual([
    'run 25 % (10/40 samples, 1.00 samples/s, 30 s left)\n',
    'run 50 % (20/40 samples, 1.00 samples/s, 20 s left)\n',
    'run: 25 samples in 25.0 s\n',
  ]);
});

test('a terminal is redrawn in place, at most ten times a second, and never wraps', () => {
  const { written, stream, now, advance } = recorder(true, 30);
  const progress = createProgress({ label: 'run', unit: 'samples', quiet: false, stream, now });
  for (let done = 1; done <= 50; done++) {
    advance(10);
    progress.update(done, 100);
  }
  expect(written).toHaveLength(5);
  for (const text of written) {
    expect(text.startsWith('\r')).toBe(true);
    expect(text.slice(1).replace('\x1b[K', '').length).toBeLessThan(30);
  }
  progress.finish('done');
  expect(written.at(-1)!.endsWith('\n')).toBe(true);
});

test('an unknown total shows a count, an odd one does not break the line', () => {
  const { written, stream, now, advance } = recorder(true);
  const progress = createProgress({ label: 'search', unit: 'evaluations', quiet: false, stream, now });
  advance(500);
  progress.update(5, 0, 'loss 0.1');
  expect(written[0]).toContain('search 5 evaluations, 10.0 evaluations/s, loss 0.1');
  advance(500);
  progress.update(12, 10);
  expect(written[1]).toContain('100 %');
  expect(written[1]).toContain('0 s left');
});

test('quiet writes nothing', () => {
  const { written, stream, now } = recorder(true);
  const progress = createProgress({ label: 'run', unit: 'samples', quiet: true, stream, now });
  progress.update(1, 2);
  progress.finish();
  expect(written).toEqual([]);
});
