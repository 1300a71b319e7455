/** A verdict as labelled facts: the one list that the terminal, Markdown and HTML reports show, each in its own dress. */

import type { Verdict } from '../validate/verdict.ts';
import { formatBytes, formatCount, formatSeconds, formatShare } from './format.ts';

export type Fact = readonly [label: string, value: string];

export function verdictFacts(verdict: Verdict): Fact[] {
  const { device, accuracy, memory, cost, link, layers } = verdict;
  const clock = device.clockHz === null ? '' : `, ${formatCount(device.clockHz / 1e6, 1)} MHz`;
  const facts: Fact[] = [
    [
      'device',
      `${device.id} (${device.evidence}${clock}${device.firmware === null ? '' : `, firmware ${device.firmware}`})`,
    ],
    ['profile', verdict.profile],
    ['samples', formatCount(verdict.samples)],
    ['output elements compared', formatCount(verdict.compared)],
    [
      'mismatches',
      verdict.mismatches === 0 ? '0' : `${formatCount(verdict.mismatches)}, up to ${verdict.maxDifference} codes`,
    ],
    ['layer checksums equal', `${formatCount(layers.compared - layers.mismatches)} of ${formatCount(layers.compared)}`],
  ];
  if (accuracy.metric !== 'none') {
    facts.push(
      [`${verdict.model.quantized ? 'ONNX Runtime' : 'float'} ${accuracy.metric}`, formatShare(accuracy.float)],
      [`simulated ${accuracy.metric}`, formatShare(accuracy.simulated)],
      [`device ${accuracy.metric}`, formatShare(accuracy.device)],
    );
  }
  facts.push(
    ['arena planned', formatBytes(memory.arenaBytes)],
    ['arena on the device', memory.deviceArenaBytes === null ? '-' : formatBytes(memory.deviceArenaBytes)],
    ['program', formatBytes(memory.programBytes)],
    ['weights', formatBytes(memory.weightBytes)],
  );
  if (cost !== null) facts.push(...costFacts(cost, device.clockHz));
  if (link !== null) {
    facts.push(
      ['bytes on the wire', formatBytes(link.bytes)],
      ['link retries', formatCount(link.retries)],
      ['link efficiency', formatShare(link.efficiency, 1)],
    );
    if (link.baud !== null) facts.push(['baud', formatCount(link.baud)]);
  }
  facts.push(['took', formatSeconds(verdict.seconds)]);
  return facts;
}

/** Cycles also as time at the board's clock; the time of a host engine in milliseconds. */
function costFacts({ unit, min, max }: NonNullable<Verdict['cost']>, clockHz: number | null): Fact[] {
  const milliseconds = (value: number): string => value.toFixed(2);
  if (unit === 'nanoseconds') {
    return [['time per inference', `${milliseconds(min / 1e6)} to ${milliseconds(max / 1e6)} ms`]];
  }
  const facts: Fact[] = [[`${unit} per inference`, formatRange(min, max)]];
  if (unit === 'cycles' && clockHz !== null)
    facts.push(['time per inference', `${milliseconds((1000 * max) / clockHz)} ms`]);
  return facts;
}

/** One number where both ends are the same. */
function formatRange(min: number, max: number): string {
  return min === max ? formatCount(max) : `${formatCount(min)} to ${formatCount(max)}`;
}

/** The first divergence as one sentence, or null. */
export function divergenceSentence(verdict: Verdict): string | null {
  const found = verdict.firstDivergence;
  if (found === null) return null;
  const place = `first divergence: sample ${found.sample}, layer ${found.layer} (${found.op})`;
  if (found.index === null) return `${place}: ${found.note}`;
  return `${place}, element ${found.index}: expected ${found.expected}, got ${found.actual}; ${found.mismatches} of ${found.elements} elements of the layer differ${explained(found.explanations)}`;
}

function explained(explanations: readonly string[]): string {
  return explanations.length === 0 ? '' : ` (${explanations.join('; ')})`;
}
