/** An inspection as text: a table of nodes, what stands in the way, totals, and the memory at each weight width. */
import { type Issue, printIssue } from '../base/errors.ts';
import { formatBytes, formatCount, formatShape, shortBytes } from './format.ts';
import { type InspectedNode, type Inspection, nodeStates } from './inspection.ts';
import { ending, plainText, shortened } from './plain-text.ts';
import { type Column, textTable } from './text-table.ts';

const right = 'right' as const;
/** Longer names are cut in the table, which would be as wide as the longest; the document has them whole. */
const nameLength = 80;

export function inspectionText(inspection: Inspection): string {
  const shown = inspection.nodes.filter((node) => !isPlainConstant(node));
  const parts = [nodeTable(shown), refusals(inspection), totals(inspection), memoryTable(inspection)];
  return parts.filter((part) => part !== '').join('\n\n');
}

/** Exporters write weights and shapes as hundreds of such nodes; the document has them. */
const isPlainConstant = ({ operator, state }: InspectedNode): boolean =>
  operator === 'Constant' && state === 'rewritten';

function nodeTable(nodes: readonly InspectedNode[]): string {
  const accumulators = nodes.some(({ accumulator }) => accumulator !== null);
  const columns: Column[] = [
    { title: 'node' },
    { title: 'operator' },
    { title: 'state' },
    { title: 'becomes' },
    { title: 'output' },
    { title: 'MACs', align: right },
    { title: 'parameters', align: right },
    { title: 'activation', align: right },
    ...(accumulators ? [{ title: 'accumulator', align: right }] : []),
    { title: '' },
  ];
  const rows = nodes.map((node) => [
    ending(plainText(node.name), nameLength),
    shortened(plainText(node.operator), nameLength),
    node.state,
    node.ops.join(', '),
    node.shape === null ? '' : formatShape(node.shape),
    countOrBlank(node.macs),
    countOrBlank(node.parameters),
    node.activationBytes === 0 ? '' : `${formatCount(node.activationBytes)} B`,
    ...(accumulators ? [accumulatorText(node)] : []),
    shortened(plainText(node.note), 2 * nameLength),
  ]);
  return textTable(columns, rows);
}

const countOrBlank = (value: number): string => (value === 0 ? '' : formatCount(value));

function accumulatorText({ accumulator }: InspectedNode): string {
  return accumulator === null ? '' : `${accumulator.neededBits} of ${accumulator.availableBits} bits`;
}

/** Every reason once, with its way out: the nodes of one operator share theirs. */
function refusals({ nodes, problems }: Inspection): string {
  const bySentence = new Map<string, string[]>();
  for (const { name, reasons } of nodes) {
    for (const { where: _, ...reason } of reasons) {
      const sentence = printIssue(reason);
      bySentence.set(sentence, [...(bySentence.get(sentence) ?? []), name]);
    }
  }
  const lines = [...bySentence].map(([sentence, names]) => `rejected: ${namesText(names)}: ${sentence}`);
  return [...problems.map((problem: Issue) => `rejected: ${printIssue(problem)}`), ...lines].map(plainText).join('\n');
}

function namesText(names: readonly string[]): string {
  const shown = names.slice(0, 8).join(', ');
  return names.length > 8 ? `${shown} and ${names.length - 8} more` : shown;
}

function totals({ nodes, macs, parameters }: Inspection): string {
  const counts = nodeStates
    .map((state) => [nodes.filter((node) => node.state === state).length, state] as const)
    .filter(([count]) => count > 0)
    .map(([count, state]) => `${count} ${state}`);
  const constants = nodes.filter(isPlainConstant).length;
  const hidden = constants === 0 ? '' : ` (${formatCount(constants)} Constant nodes are not in the table)`;
  return `${formatCount(nodes.length)} nodes: ${counts.join(', ')}${hidden}\n${formatCount(macs)} multiply-accumulates, ${formatCount(parameters)} parameters`;
}

function memoryTable({ memory, target }: Inspection): string {
  if (target === null || memory.length === 0) return '';
  const limit = (bytes: number | null): string => (bytes === null ? 'no limit' : shortBytes(bytes));
  const columns: Column[] = [
    { title: 'weight bits', align: right },
    { title: 'program (flash)', align: right },
    { title: 'weights', align: right },
    { title: 'arena (RAM)', align: right },
    { title: 'alive at its peak', align: right },
    { title: 'peak at' },
    { title: `fits ${target.id}` },
  ];
  const rows = memory.map(({ weightBits, programBytes, weightBytes, arenaBytes, peak, flashHolds, ramHolds }) => [
    String(weightBits),
    formatBytes(programBytes),
    formatBytes(weightBytes),
    formatBytes(arenaBytes),
    `${formatCount(peak.liveBytes)} B`,
    plainText(peak.operation),
    flashHolds && ramHolds
      ? 'yes'
      : `no: too little ${[flashHolds ? '' : 'flash', ramHolds ? '' : 'RAM'].filter(Boolean).join(' and ')}`,
  ]);
  return `${textTable(columns, rows)}\n${target.id} has flash: ${limit(target.flashBytes)}, RAM: ${limit(target.ramBytes)}`;
}
