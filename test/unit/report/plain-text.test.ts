/** Text of others: what cannot be shown, and what is too wide. */
import { expect, test } from 'vitest';
import { ending, plainText, shortened } from '../../../src/report/plain-text.ts';

test('control characters, direction marks and half characters are replaced, letters of all scripts stay', () => {
  expect(plainText('a\u0000b\u001b[31mc\u202ed\ud800e\u0085')).toBe('a\ufffdb\ufffd[31mc\ufffdd\ufffde\ufffd');
  expect(plainText('conv/größe 漢字 😀')).toBe('conv/größe 漢字 😀');
});

test('what is too wide loses its end, or a name its beginning', () => {
  expect(shortened('abcdef', 6)).toBe('abcdef');
  expect(shortened('abcdefg', 6)).toBe('abcde…');
  expect(ending('abcdefg', 6)).toBe('…cdefg');
});

test('letters of East Asia count twice', () => {
  expect(shortened('漢字漢', 6)).toBe('漢字漢');
  expect(shortened('漢字漢字', 6)).toBe('漢字…');
});
