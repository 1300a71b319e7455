/** An inspection as boxes and lines: what is drawn, before anything has a place. */
import type { InspectedNode, InspectedPort, Inspection } from '../inspection.ts';

/** A node of the file, or an input or output of the graph. */
export type Drawn =
  | { readonly node: InspectedNode }
  | { readonly port: InspectedPort; readonly role: 'input' | 'output' };

export interface DrawnGraph {
  readonly boxes: readonly Drawn[];
  /** Indices of boxes, from the producer to the reader of a value. */
  readonly edges: readonly { readonly from: number; readonly to: number; readonly value: string }[];
  /** Nodes that only make constants, which are not drawn. */
  readonly leftOut: number;
}

/** Boxes in the order of the file, inputs first and outputs last. */
export function drawnGraph({ nodes, inputs, outputs }: Inspection): DrawnGraph {
  const shown = nodes.filter((node) => !makesConstant(node));
  const boxes: readonly Drawn[] = [
    ...inputs.map((port) => ({ port, role: 'input' as const })),
    ...shown.map((node) => ({ node })),
    ...outputs.map((port) => ({ port, role: 'output' as const })),
  ];
  const producers = new Map<string, number>();
  boxes.forEach((box, index) => {
    for (const value of valuesFrom(box)) if (!producers.has(value)) producers.set(value, index);
  });
  const edges = boxes.flatMap((box, to) =>
    [...new Set(valuesInto(box))].flatMap((value) => {
      const from = producers.get(value);
      return from === undefined || from === to ? [] : [{ from, to, value }];
    }),
  );
  return { boxes, edges, leftOut: nodes.length - shown.length };
}

function makesConstant({ operator, state, shape }: InspectedNode): boolean {
  return operator === 'Constant' || (state === 'rewritten' && shape === null);
}

function valuesFrom(box: Drawn): readonly string[] {
  if ('node' in box) return box.node.outputs;
  return box.role === 'input' ? [box.port.name] : [];
}

function valuesInto(box: Drawn): readonly string[] {
  if ('node' in box) return box.node.inputs;
  return box.role === 'output' ? [box.port.name] : [];
}
