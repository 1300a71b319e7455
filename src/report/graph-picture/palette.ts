/** The colours of a picture and what they mean. Light fills, so that dark text stays readable; what is refused also has another border. */
import { formatCount } from '../format.ts';
import { type InspectedNode, type Inspection, type NodeState, nodeStates } from '../inspection.ts';

export type Colouring = 'status' | 'cost';

export interface Palette {
  readonly fillOf: (node: InspectedNode) => string;
  readonly legend: readonly { readonly fill: string; readonly label: string }[];
}

const stateFills: Readonly<Record<NodeState, string>> = {
  supported: '#c9ecd0',
  rewritten: '#e3e7ec',
  host: '#fde9b8',
  rejected: '#ffc9c9',
  blocked: '#f7f7f7',
};

export function paletteOf(inspection: Inspection, colouring: Colouring): Palette {
  return colouring === 'status' ? statusPalette(inspection) : costPalette(inspection);
}

function statusPalette({ nodes }: Inspection): Palette {
  const counts = nodeStates.map((state) => ({ state, count: nodes.filter((node) => node.state === state).length }));
  return {
    fillOf: ({ state }) => stateFills[state],
    legend: counts
      .filter(({ count }) => count > 0)
      .map(({ state, count }) => ({ fill: stateFills[state], label: `${state}: ${formatCount(count)}` })),
  };
}

/** From no multiply-accumulates to those of the most costly node. */
function costPalette({ nodes }: Inspection): Palette {
  const most = nodes.reduce((max, { macs }) => Math.max(max, macs), 1);
  const steps = [0, 0.25, 0.5, 0.75, 1];
  return {
    fillOf: ({ macs }) => costFill(macs / most),
    legend: steps.map((share) => ({
      fill: costFill(share),
      label: `${formatCount(Math.round(share * most))}${share === 1 ? ' MACs' : ''}`,
    })),
  };
}

/** From near white to orange. */
function costFill(share: number): string {
  const mix = (from: number, to: number): number => Math.round(from + share * (to - from));
  return `rgb(${mix(250, 255)} ${mix(250, 146)} ${mix(250, 43)})`;
}
