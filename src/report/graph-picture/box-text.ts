/** What is written in and behind a box, cut to its width. Widths are counted in characters of a monospaced font. */
import { printIssue } from '../../base/errors.ts';
import { formatBytes, formatCount, formatShape } from '../format.ts';
import type { InspectedNode } from '../inspection.ts';
import { ending, plainText, shortened } from '../plain-text.ts';
import type { Drawn } from './drawn-graph.ts';

export const lineLength = 34;

export interface BoxText {
  readonly heading: string;
  readonly lines: readonly string[];
  /** In full, for the tooltip. */
  readonly title: string;
}

export function boxText(box: Drawn): BoxText {
  if ('node' in box) return nodeText(box.node);
  const { name, shape } = box.port;
  const lines = [plainText(name), shape === null ? '' : formatShape(shape)];
  return {
    heading: box.role,
    lines: lines.map((line) => shortened(line, lineLength)),
    title: `${box.role} ${lines.join(' ')}`,
  };
}

function nodeText(node: InspectedNode): BoxText {
  const operator = plainText(node.operator);
  const renamed = node.ops.length > 0 && node.ops.join() !== kebabCase(node.operator);
  const shape = node.shape === null ? '' : formatShape(node.shape);
  const macs = node.macs === 0 ? '' : `${formatCount(node.macs)} MACs`;
  const size = [shape, macs].filter((part) => part !== '').join(' · ');
  const reason = node.reasons[0]?.message ?? '';
  return {
    heading: shortened(renamed ? `${operator} · ${node.ops.join(', ')}` : operator, lineLength),
    lines: [
      ending(plainText(node.name), lineLength),
      shortened(size, lineLength),
      shortened(plainText(reason), lineLength),
    ].filter((line) => line !== ''),
    title: tooltip(node, size),
  };
}

function tooltip(node: InspectedNode, size: string): string {
  const { parameters, activationBytes, note, reasons } = node;
  const lines = [
    `${node.name} (${node.operator})`,
    `${node.state}${note === '' ? '' : `: ${note}`}`,
    ...reasons.map(({ where: _, ...reason }) => printIssue(reason)),
    size,
    parameters === 0 ? '' : `${formatCount(parameters)} parameters`,
    activationBytes === 0 ? '' : `activation ${formatBytes(activationBytes)}`,
  ];
  return lines
    .filter((line) => line !== '')
    .map(plainText)
    .join('\n');
}

/** `GlobalAveragePool` as `global-average-pool`. */
function kebabCase(operator: string): string {
  return operator.replace(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase();
}
