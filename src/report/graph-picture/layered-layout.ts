/** Places boxes in layers, readers below producers, with the lines between them routed around the boxes. */
import type { DrawnGraph } from './drawn-graph.ts';

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface PlacedBox extends Size {
  /** Index into the boxes of the drawn graph. */
  readonly box: number;
  /** Its middle. */
  readonly x: number;
  readonly y: number;
}

export interface PlacedEdge {
  /** Name of the value that it carries. */
  readonly value: string;
  readonly points: readonly Point[];
}

export interface Layout extends Size {
  readonly boxes: readonly PlacedBox[];
  readonly edges: readonly PlacedEdge[];
}

/** Between a corner of a box and the nearest line. */
const cornerRoom = 14;
const spacing = { nodesep: 20, edgesep: 24, ranksep: 34 };

/** The same graph gives the same layout. The library is loaded here, on the first picture. */
export async function layeredLayout(graph: DrawnGraph, sizes: readonly Size[]): Promise<Layout> {
  const { Graph, layout } = await import('@dagrejs/dagre');
  const layers = new Graph({ multigraph: true });
  layers.setGraph({ rankdir: 'TB', ...spacing });
  sizes.forEach((size, box) => {
    layers.setNode(String(box), { ...size });
  });
  graph.edges.forEach(({ from, to }, edge) => {
    layers.setEdge(String(from), String(to), {}, String(edge));
  });
  layout(layers);
  const { width = 0, height = 0 } = layers.graph() as Partial<Size>;
  const boxes = sizes.map((size, box): PlacedBox => {
    const { x, y } = layers.node(String(box)) as Point;
    return { box, ...size, x, y };
  });
  const edges = graph.edges.map(({ from, to, value }, edge): PlacedEdge => {
    const { points } = layers.edge(String(from), String(to), String(edge)) as { points: readonly Point[] };
    return { value, points: fromBottomToTop(boxes[from]!, boxes[to]!, points) };
  });
  return { width, height, boxes, edges };
}

/** A line leaves a box at its bottom and enters one at its top, never at a side, where arrows of neighbours would meet. */
function fromBottomToTop(from: PlacedBox, to: PlacedBox, points: readonly Point[]): Point[] {
  const inner = points.slice(1, -1).map(({ x, y }) => ({ x, y }));
  if (from.y >= to.y || inner.length === 0) return points.map(({ x, y }) => ({ x, y }));
  const within = ({ x, width }: PlacedBox, wanted: number): number =>
    Math.min(Math.max(wanted, x - width / 2 + cornerRoom), x + width / 2 - cornerRoom);
  const start = { x: within(from, inner[0]!.x), y: from.y + from.height / 2 };
  return [start, ...inner, { x: within(to, inner.at(-1)!.x), y: to.y - to.height / 2 }];
}
