/** Pictures of graphs: what is in them, that nothing lies on anything else, and that no name can break out of its text. */
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { foldIntoColumns } from '../../../src/report/graph-picture/columns.ts';
import { drawnNodesMax, graphPicture } from '../../../src/report/graph-picture/graph-picture.ts';
import type { InspectedNode, Inspection } from '../../../src/report/inspection.ts';

const blank: InspectedNode = {
  name: 'node',
  operator: 'Relu',
  ops: ['clamp'],
  state: 'supported',
  inputs: [],
  outputs: [],
  shape: [1, 8],
  macs: 0,
  parameters: 0,
  activationBytes: 8,
  accumulator: null,
  note: '',
  reasons: [],
};

function inspection(nodes: readonly Partial<InspectedNode>[], name = 'model.onnx'): Inspection {
  return {
    schemaVersion: 1,
    model: { name, sha256: '' },
    inputs: [{ name: 'x', shape: [1, 8] }],
    outputs: [{ name: 'y', shape: [1, 8] }],
    rewrites: [],
    nodes: nodes.map((node) => ({ ...blank, ...node })),
    problems: [],
    macs: 0,
    parameters: 0,
    target: null,
    memory: [],
  };
}

/** `count` nodes in a row, every third one with a shortcut around the two before it. */
function chain(count: number): Partial<InspectedNode>[] {
  return Array.from({ length: count }, (_, index) => ({
    name: `node ${index}`,
    inputs: [index === 0 ? 'x' : `v${index - 1}`, ...(index % 3 === 2 && index > 2 ? [`v${index - 3}`] : [])],
    outputs: [index === count - 1 ? 'y' : `v${index}`],
    macs: index,
  }));
}

interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Boxes of nodes, inputs and outputs; the swatches of the legend have another form. */
function rectangles(svg: string): Rectangle[] {
  const frames = svg.matchAll(
    /<rect class="[a-z ]+" x="([\d.]+)" y="([\d.]+)" width="(\d+)" height="(\d+)" rx="[\d.]+"[^>]*\/>/g,
  );
  return [...frames]
    .map(([, x, y, width, height]) => ({ x: Number(x), y: Number(y), width: Number(width), height: Number(height) }))
    .filter(({ width }) => width > 14);
}

const overlap = (a: Rectangle, b: Rectangle): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

test.each([1, 3, 60, 180])('%i nodes: every box is there, none lies on another, all lie on the page', async (count) => {
  const svg = await graphPicture(inspection(chain(count)), 'cost');
  const boxes = rectangles(svg);
  expect(boxes).toHaveLength(count + 2);
  boxes.forEach((box, index) => {
    expect(boxes.slice(index + 1).some((other) => overlap(box, other))).toBe(false);
  });
  const [, width, height] = /viewBox="0 0 (\d+) (\d+)"/.exec(svg)!.map(Number) as [number, number, number];
  const [, left, top] = /<g transform="translate\(([\d.]+) ([\d.]+)\)">/.exec(svg)!.map(Number) as [
    number,
    number,
    number,
  ];
  for (const box of boxes) {
    expect(box.x + box.width + left).toBeLessThanOrEqual(width);
    expect(box.y + box.height + top).toBeLessThanOrEqual(height);
  }
  // A page that a screen can show: no more than four screens high, however deep the network.
  expect(height).toBeLessThan(4000);
});

test('the same inspection gives the same bytes', async () => {
  const once = await graphPicture(inspection(chain(60)), 'status');
  expect(await graphPicture(inspection(chain(60)), 'status')).toBe(once);
});

test('names and operators of a file are text, whatever is in them, and the picture is sound XML', async () => {
  const name = `</text><script>alert(1)</script>"'&\u0000\u001b[31m\u202e\ud800 ${'long '.repeat(100)}`;
  const svg = await graphPicture(
    inspection(
      [
        { name, operator: '<b>', inputs: ['x'], outputs: ['a'], note: name },
        {
          name: 'bad',
          operator: 'LRN',
          inputs: ['a'],
          outputs: ['y'],
          state: 'rejected',
          reasons: [{ message: `operator ${name} is not supported`, next: 'Do <without> it.' }],
        },
      ],
      name,
    ),
    'status',
  );
  expect(svg).not.toMatch(/<script|<b>|<without>/);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
  expect(svg).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
  expect(svg).toContain('Do &#60;without&#62; it.');
  // librsvg reads strict XML.
  expect((await sharp(Buffer.from(svg)).metadata()).format).toBe('svg');
});

test('colours: what is rejected stands out by status, what is costly by cost', async () => {
  const nodes = [
    { name: 'cheap', inputs: ['x'], outputs: ['a'], macs: 0 },
    { name: 'dear', inputs: ['a'], outputs: ['b'], macs: 1000 },
    { name: 'bad', inputs: ['b'], outputs: ['y'], state: 'rejected' as const, reasons: [{ message: 'no' }] },
  ];
  const fillOf = (svg: string, name: string): string =>
    new RegExp(`<title>${name} [^<]*</title><rect[^>]* fill="([^"]+)"`).exec(svg)![1]!;
  const status = await graphPicture(inspection(nodes), 'status');
  expect(fillOf(status, 'cheap')).toBe(fillOf(status, 'dear'));
  expect(fillOf(status, 'bad')).not.toBe(fillOf(status, 'dear'));
  expect(status).toContain('supported: 2');
  expect(status).toContain('rejected: 1');
  const cost = await graphPicture(inspection(nodes), 'cost');
  expect(fillOf(cost, 'cheap')).toBe(fillOf(cost, 'bad'));
  expect(fillOf(cost, 'cheap')).not.toBe(fillOf(cost, 'dear'));
  expect(cost).toContain('1 000 MACs');
});

test('nodes that only make constants are counted, not drawn', async () => {
  const constant = { name: 'k', operator: 'Constant', state: 'rewritten' as const, shape: null, outputs: ['k'] };
  const svg = await graphPicture(inspection([constant, { name: 'n', inputs: ['x', 'k'], outputs: ['y'] }]), 'status');
  expect(rectangles(svg)).toHaveLength(3);
  expect(svg).toContain('(1 node that makes a constant is not drawn)');
});

test('circles of a damaged file are drawn too', async () => {
  const nodes = [
    { name: 'one', inputs: ['x', 'b'], outputs: ['a'] },
    { name: 'two', inputs: ['a'], outputs: ['b'] },
  ];
  expect(rectangles(await graphPicture(inspection(nodes), 'status'))).toHaveLength(4);
});

test('too many nodes are refused', async () => {
  await expect(graphPicture(inspection(chain(drawnNodesMax)), 'status')).rejects.toThrow(/too large for a picture/);
});

test('a tall layout is cut where one value passes, and the line goes on from its mark', () => {
  // Two boxes of 100 by 900 above each other, a line from one to the other and a second one that carries the same value.
  const box = (index: number, y: number) => ({ box: index, x: 50, y, width: 100, height: 900 });
  const edge = (x: number) => ({
    value: 'v',
    points: [
      { x, y: 900 },
      { x, y: 950 },
      { x, y: 1000 },
    ],
  });
  const layout = { width: 100, height: 1900, boxes: [box(0, 450), box(1, 1450)], edges: [edge(40), edge(60)] };
  const folded = foldIntoColumns(layout);
  expect(folded.marks).toHaveLength(1);
  expect(folded.boxes.map(({ x }) => x)).toEqual([50, 198]);
  expect(folded.boxes[1]!.y - 450).toBe(34 + 50);
  // One line leaves, and both enter the second column from the one mark.
  expect(folded.lines.map(({ arrives }) => arrives)).toEqual([false, true, true]);
  expect(folded.lines[1]!.points[0]).toEqual(folded.marks[0]!.enters);
  expect(folded.lines[2]!.points[0]).toEqual(folded.marks[0]!.enters);
});
