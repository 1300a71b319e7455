/**
 * Folds a tall layered layout into columns side by side, so that a deep network fits a page at a readable size. It is cut between layers
 * where the fewest lines pass; a line that is cut ends in a numbered mark and goes on from the same mark in the next column.
 */
import type { Layout, PlacedBox, Point, Size } from './layered-layout.ts';

export interface Line {
  readonly points: readonly Point[];
  /** Whether its last point is at a box and not at a mark. */
  readonly arrives: boolean;
}

/** The two ends of a line that was cut, at the bottom of one column and at the top of the next. */
export interface Mark {
  readonly label: string;
  readonly leaves: Point;
  readonly enters: Point;
}

export interface FoldedLayout extends Size {
  readonly boxes: readonly PlacedBox[];
  readonly lines: readonly Line[];
  readonly marks: readonly Mark[];
}

/** Of the folded picture, width to height. */
const aspect = 1.6;
/** A layout that is no higher stays whole. */
const heightMin = 1000;
const columnGap = 48;
/** Room for marks above and below a column. */
const markRoom = 34;
export const markRadius = 10;

export function foldIntoColumns(layout: Layout): FoldedLayout {
  const cuts = chooseCuts(layout);
  const pieces = layout.edges.flatMap(({ value, points }) => splitAt(points, cuts, value));
  const columns = placeColumns(layout, cuts, pieces);
  const move = ({ x, y }: Point, column: number): Point => ({ x: x + columns[column]!.dx, y: y + columns[column]!.dy });
  const marks = new Map<string, Mark>();
  const lines = pieces.flatMap(({ value, column, points, comes, goes }): Line[] => {
    const moved = points.map((point) => move(point, column));
    const start = comes ? [marks.get(markKey(value, column - 1))!.enters] : [];
    if (!goes) return [{ points: [...start, ...moved], arrives: true }];
    const key = markKey(value, column);
    if (marks.has(key)) return [];
    const end = points.at(-1)!;
    const below = { x: moved.at(-1)!.x, y: moved.at(-1)!.y + markRoom / 2 };
    const next = move(end, column + 1);
    marks.set(key, { label: String(marks.size + 1), leaves: below, enters: { x: next.x, y: next.y - markRoom / 2 } });
    return [{ points: [...start, ...moved, below], arrives: false }];
  });
  const boxes = layout.boxes.map((box) => ({ ...box, ...move(box, columnAt(box.y, cuts)) }));
  return {
    width: columns.reduce((sum, { width }) => sum + width + columnGap, -columnGap),
    height: columns.reduce((most, { height }) => Math.max(most, height), 0),
    boxes,
    lines,
    marks: [...marks.values()],
  };
}

/** A value has one mark at a cut, however many lines carry it. */
const markKey = (value: string, cut: number): string => `${cut}/${value}`;

const columnAt = (y: number, cuts: readonly number[]): number => cuts.filter((cut) => cut <= y).length;

interface Column extends Size {
  /** How its points move from the layout to the picture. */
  readonly dx: number;
  readonly dy: number;
}

/** Every column is as wide as what is in it. */
function placeColumns(layout: Layout, cuts: readonly number[], pieces: readonly Piece[]): Column[] {
  const columns: Column[] = [];
  let left = 0;
  for (let column = 0; column <= cuts.length; column++) {
    const spans = [
      ...layout.boxes
        .filter(({ y }) => columnAt(y, cuts) === column)
        .map(({ x, width }) => [x - width / 2, x + width / 2] as const),
      ...pieces
        .filter((piece) => piece.column === column)
        .flatMap(({ points }) => points.map(({ x }) => [x - markRadius, x + markRadius] as const)),
    ];
    const low = spans.reduce((least, [start]) => Math.min(least, start), Number.POSITIVE_INFINITY);
    const high = spans.reduce((most, [, end]) => Math.max(most, end), Number.NEGATIVE_INFINITY);
    const [top, bottom] = [cuts[column - 1] ?? 0, cuts[column] ?? layout.height];
    const [above, below] = [column === 0 ? 0 : markRoom, column === cuts.length ? 0 : markRoom];
    columns.push({ dx: left - low, dy: above - top, width: high - low, height: above + bottom - top + below });
    left += high - low + columnGap;
  }
  return columns;
}

/** Heights at which the layout is cut, from the top. */
function chooseCuts(layout: Layout): number[] {
  const columns = Math.floor(Math.sqrt((aspect * layout.height) / (layout.width + columnGap)));
  if (layout.height <= heightMin || columns < 2) return [];
  const step = layout.height / columns;
  const gaps = gapsBetweenLayers(layout.boxes);
  const cuts: number[] = [];
  for (let column = 1; column < columns; column++) {
    const wanted = column * step;
    const near = gaps.filter((gap) => Math.abs(gap - wanted) < step / 4 && gap > (cuts.at(-1) ?? 0));
    const costs = near.map((gap) => linesThrough(layout, gap) + Math.abs(gap - wanted) / step);
    if (near.length > 0) cuts.push(near[costs.indexOf(Math.min(...costs))]!);
  }
  return cuts;
}

/** The middles of the empty stripes between boxes. */
function gapsBetweenLayers(boxes: readonly PlacedBox[]): number[] {
  const spans = boxes.map(({ y, height }) => [y - height / 2, y + height / 2] as const).sort((a, b) => a[0] - b[0]);
  const gaps: number[] = [];
  let bottom = spans[0]![1];
  for (const [top, end] of spans) {
    if (top > bottom) gaps.push((top + bottom) / 2);
    bottom = Math.max(bottom, end);
  }
  return gaps;
}

/** Values whose lines pass a height. */
function linesThrough({ edges }: Layout, height: number): number {
  const crossing = edges.filter(({ points }) => points[0]!.y < height && points.at(-1)!.y > height);
  return new Set(crossing.map(({ value }) => value)).size;
}

/** A line, or its part in one column. */
interface Piece {
  readonly value: string;
  readonly column: number;
  readonly points: Point[];
  /** From a mark of the column before. */
  readonly comes: boolean;
  /** To a mark of the next column. */
  goes: boolean;
}

/** Pieces of a line from the top down. A line that goes up, from a cycle, stays whole in the column of its start. */
function splitAt(points: readonly Point[], cuts: readonly number[], value: string): Piece[] {
  const first = points[0]!;
  let piece: Piece = { value, column: columnAt(first.y, cuts), points: [first], comes: false, goes: false };
  const pieces = [piece];
  for (const point of points.slice(1)) {
    while (cuts[piece.column]! < point.y) {
      const crossing = pointAt(piece.points.at(-1)!, point, cuts[piece.column]!);
      piece.points.push(crossing);
      piece.goes = true;
      piece = { value, column: piece.column + 1, points: [crossing], comes: true, goes: false };
      pieces.push(piece);
    }
    piece.points.push(point);
  }
  return pieces;
}

function pointAt(from: Point, to: Point, y: number): Point {
  const share = to.y === from.y ? 0 : (y - from.y) / (to.y - from.y);
  return { x: from.x + share * (to.x - from.x), y };
}
