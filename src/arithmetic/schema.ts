/** Checks of plain JSON data: each adds what is wrong to a list, naming the field. Unknown keys are refused. */
import type { IssueList } from '../base/errors.ts';

export type Check = (value: unknown, where: string, issues: IssueList) => void;

export const text: Check = (value, where, issues) => {
  if (typeof value !== 'string' || value.length === 0 || value.length > 500) {
    issues.add({ message: 'must be a short text', where, seen: print(value) });
  }
};

export const oneOf =
  (...allowed: readonly unknown[]): Check =>
  (value, where, issues) => {
    if (!allowed.includes(value)) {
      issues.add({ message: 'has an unknown value', where, seen: print(value), allowed: allowed.join(', ') });
    }
  };

export const bitWidths: Check = (value, where, issues) => {
  const fits =
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((bits) => Number.isInteger(bits) && bits >= 2 && bits <= 16) &&
    value.every((bits, index) => index === 0 || bits < value[index - 1]);
  if (!fits) {
    issues.add({ message: 'must list bit widths, widest first', where, seen: print(value), allowed: 'e.g. [8, 4]' });
  }
};

export const bytesOrNull: Check = (value, where, issues) => {
  if (value === null || (Number.isSafeInteger(value) && (value as number) > 0)) return;
  issues.add({ message: 'must be a number of bytes or null', where, seen: print(value) });
};

export const texts: Check = (value, where, issues) => {
  if (!Array.isArray(value) || !value.every((entry) => typeof entry === 'string')) {
    issues.add({ message: 'must be a list of texts', where, seen: print(value) });
  }
};

export const record =
  (fields: Readonly<Record<string, Check>>): Check =>
  (value, where, issues) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      issues.add({ message: 'must be an object', where, seen: print(value) });
      return;
    }
    const entries = value as Record<string, unknown>;
    for (const key of Object.keys(entries)) {
      if (!Object.hasOwn(fields, key)) {
        issues.add({ message: 'unknown key', where: fieldOf(where, key), allowed: Object.keys(fields).join(', ') });
      }
    }
    for (const [key, check] of Object.entries(fields)) {
      if (Object.hasOwn(entries, key)) check(entries[key], fieldOf(where, key), issues);
      else issues.add({ message: 'missing key', where: fieldOf(where, key) });
    }
  };

export const orNull =
  (check: Check): Check =>
  (value, where, issues) => {
    if (value !== null) check(value, where, issues);
  };

export function fieldOf(where: string, key: string): string {
  return `${where}.${key}`;
}

function print(value: unknown): string {
  return (JSON.stringify(value) ?? 'nothing').slice(0, 100);
}

/** A list of at least one entry. */
export const listOf =
  (check: Check): Check =>
  (value, where, issues) => {
    if (!Array.isArray(value) || value.length === 0) {
      issues.add({ message: 'must be a list with entries', where, seen: print(value) });
      return;
    }
    value.forEach((entry, index) => {
      check(entry, `${where}[${index}]`, issues);
    });
  };

/** An integer within [low, high]. */
export const integer =
  (low: number, high: number): Check =>
  (value, where, issues) => {
    if (!Number.isInteger(value) || (value as number) < low || (value as number) > high) {
      issues.add({ message: 'must be an integer', where, seen: print(value), allowed: `${low} to ${high}` });
    }
  };
