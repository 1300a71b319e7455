/**
 * JUnit XML. A gate that does not hold is a failure; a gate that could not be judged, and a run that could not be made, is an error;
 * gates that a broken run never reached are skipped. CI may retry errors and must not retry failures.
 */
import type { BitwrightError } from '../base/errors.ts';
import type { Gates } from '../validate/gates.ts';
import type { Verdict } from '../validate/verdict.ts';
import { divergenceSentence } from './verdict-facts.ts';

export interface JunitCase {
  readonly name: string;
  readonly outcome: 'pass' | 'failure' | 'error' | 'skipped';
  readonly message: string;
  /** Longer text under the outcome; '' for none. */
  readonly detail: string;
}

export interface JunitSuite {
  readonly name: string;
  readonly seconds: number;
  readonly cases: readonly JunitCase[];
}

export function junitXml(suite: JunitSuite): string {
  const countOf = (outcome: JunitCase['outcome']): number =>
    suite.cases.filter((item) => item.outcome === outcome).length;
  const counts = `tests="${suite.cases.length}" failures="${countOf('failure')}" errors="${countOf('error')}" skipped="${countOf('skipped')}" time="${suite.seconds.toFixed(3)}"`;
  const cases = suite.cases.map((item) => junitCase(item, suite.name));
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${counts}>`,
    `  <testsuite name="${escapeXml(suite.name)}" ${counts}>`,
    ...cases,
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function junitCase(item: JunitCase, suite: string): string {
  const open = `    <testcase classname="${escapeXml(suite)}" name="${escapeXml(item.name)}"`;
  if (item.outcome === 'pass') return `${open}/>`;
  const detail = `<${item.outcome} message="${escapeXml(item.message)}">${escapeXml(item.detail)}</${item.outcome}>`;
  return `${open}>${detail}</testcase>`;
}

const gateOutcomes = { pass: 'pass', fail: 'failure', error: 'error' } as const;

export function verdictSuite(verdict: Verdict, name: string): JunitSuite {
  const divergence = divergenceSentence(verdict) ?? '';
  return {
    name,
    seconds: verdict.seconds,
    cases: verdict.gates.map(({ gate, outcome, message }) => ({
      name: gate,
      outcome: gateOutcomes[outcome],
      message,
      detail: gate === 'maxMismatches' && outcome === 'fail' ? divergence : '',
    })),
  };
}

/** What is left to say when the run itself broke: one error, and every gate skipped. */
export function brokenRunSuite(error: BitwrightError, gates: Gates, name: string, seconds: number): JunitSuite {
  const skipped = Object.keys({ maxMismatches: 0, ...gates }).map((gate) => ({
    name: gate,
    outcome: 'skipped' as const,
    message: 'the run broke before this gate could be judged',
    detail: '',
  }));
  const run = { name: 'run', outcome: 'error', message: error.code, detail: error.message } as const;
  return { name, seconds, cases: [run, ...skipped] };
}

/** Escapes text for element content and attributes; drops what XML 1.0 has no way to write. */
export function escapeXml(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '')
    .replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
