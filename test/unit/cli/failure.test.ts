/** Exit codes and texts of what can go wrong; flags that refuse odd values. */
import { expect, test } from 'vitest';
import { BitwrightError } from '../../../src/base/errors.ts';
import { describeFailure } from '../../../src/cli/failure.ts';
import { choiceFlag, integerFlag, shareFlag } from '../../../src/cli/flags.ts';

test('every issue of an error is a line, the code and exit code come last', () => {
  const error = new BitwrightError('MODEL_UNSUPPORTED', [
    { message: 'operator Foo', where: 'node a' },
    { message: 'operator Bar', where: 'node b', next: 'Remove it.' },
  ]);
  expect(describeFailure(error)).toEqual({
    exitCode: 3,
    text: 'error: node a: operator Foo\nerror: node b: operator Bar. Remove it.\n(MODEL_UNSUPPORTED, exit code 3)',
    document: { schemaVersion: 1, error: { code: 'MODEL_UNSUPPORTED', exitCode: 3, issues: error.issues } },
  });
});

test.each([
  [Object.assign(new Error('x'), { code: 'ENOENT', path: 'a/b' }), 'FILE_NOT_FOUND', 2],
  [Object.assign(new Error('x'), { code: 'EACCES', path: 'a/b' }), 'FILE_INVALID', 2],
  [Object.assign(new Error('x'), { code: 'ENOSPC' }), 'FILE_INVALID', 2],
  [new TypeError('undefined is not a function'), 'INTERNAL', 70],
  ['a string', 'INTERNAL', 70],
  [undefined, 'INTERNAL', 70],
])('%s becomes %s', (thrown, code, exitCode) => {
  const failure = describeFailure(thrown);
  expect([failure.document.error.code, failure.exitCode]).toEqual([code, exitCode]);
});

test('a bug shows where it happened', () => {
  expect(describeFailure(new TypeError('boom')).text).toMatch(/report it[\s\S]*failure\.test\.ts/);
});

test('flags', () => {
  expect([integerFlag('--n', 0, 64)('0x40'), integerFlag('--n', -5, 5)('-5')]).toEqual([64, -5]);
  for (const text of ['', '1.5', '65', '1e1', 'abc', '0x', ' 1']) {
    expect(() => integerFlag('--n', 0, 64)(text)).toThrow(/--n.*allowed a whole number from 0 to 64/);
  }
  expect(shareFlag('--s')('0.25')).toBe(0.25);
  for (const text of ['', 'NaN', '-0.1', '1.1', '50%']) expect(() => shareFlag('--s')(text)).toThrow(/--s/);
  expect(() => choiceFlag('--c', ['a', 'b'])('c')).toThrow(/allowed a, b/);
});
