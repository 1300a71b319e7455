/** Bits and scale groups on the small network and on hand-made residual graphs. */
import { describe, expect, it } from 'vitest';
import { getProfile } from '../../../src/arithmetic/registry.ts';
import { BitwrightError } from '../../../src/base/errors.ts';
import type { Graph, Node } from '../../../src/graph/graph.ts';
import { assignBits, type BitOptions, matches } from '../../../src/quantize/bit-assignment.ts';
import { scaleGroups } from '../../../src/quantize/scale-groups.ts';

const cmsis = getProfile('cmsis-nn');

/** `name:op:inputs` per line, `:relu` behind it for a fused one; every node has one output of its own name. */
function graphOf(lines: readonly string[], outputs: readonly string[]): Graph {
  const nodes = lines.map((line): Node => {
    const [name, op, inputs, activation] = line.split(':');
    const clamp = activation === undefined ? null : { min: 0, max: Infinity };
    return { name, op, inputs: inputs.split(','), outputs: [name], attributes: { clamp } };
  });
  const names = ['x', ...nodes.map(({ name }) => name)];
  const values = new Map(names.map((name) => [name, { name, dtype: 'float32' as const, shape: [1, 4] }]));
  return { name: 'test', nodes, values, constants: new Map(), inputs: ['x'], outputs };
}

const residual = graphOf(
  [
    'stem:conv:x',
    'a:conv:stem',
    'b:conv:a',
    'sum:add:b,stem',
    'c:conv:sum',
    'gap:global-average-pool:c',
    'flat:reshape:gap',
    'head:fully-connected:flat',
    'out:softmax:head',
  ],
  ['out'],
);

function bitsOf(graph: Graph, options: Partial<BitOptions>) {
  const groups = scaleGroups(graph, cmsis);
  const all: BitOptions = {
    weights: 4,
    activations: 4,
    policy: 'all',
    edges: 8,
    depthwise: 4,
    overrides: [],
    ...options,
  };
  const { weights, activations } = assignBits(graph, groups, cmsis, all);
  const values = Object.fromEntries(
    groups.flatMap((group) => group.values.map((name) => [name, activations[group.index]])),
  );
  return { weights: Object.fromEntries(weights), values };
}

describe('scale groups', () => {
  it('tie what moves codes and leave what requantizes alone', () => {
    const graph = graphOf(
      ['a:conv:x', 'b:conv:x', 'p:max-pool:a', 'cat:concat:p,b', 'r:reshape:cat', 'c:conv:r'],
      ['c'],
    );
    const groups = scaleGroups(graph, cmsis).map((group) => [...group.values].sort());
    expect(groups).toEqual([['x'], ['a', 'b', 'cat', 'p', 'r'], ['c']]);
  });

  it('know fixed scales, graph inputs and index values', () => {
    const groups = scaleGroups(residual, cmsis);
    expect(groups.find(({ values }) => values.includes('out'))?.fixed).toEqual({
      scale: 1 / 256,
      zeroPointFromLowest: 0,
    });
    expect(groups.find(({ values }) => values.includes('x'))?.isGraphInput).toBe(true);
    const indices = {
      ...residual,
      values: new Map(residual.values).set('x', { name: 'x', dtype: 'int64', shape: [1] }),
    };
    expect(scaleGroups(indices, cmsis).flatMap(({ values }) => values)).not.toContain('x');
  });
});

describe('bits', () => {
  it('keep the first and last layers and what they read and write at 8', () => {
    const { weights, values } = bitsOf(residual, {});
    expect(weights).toEqual({ stem: 8, a: 4, b: 4, c: 4, head: 8 });
    expect(values).toEqual({ x: 8, stem: 4, a: 4, b: 4, sum: 4, c: 4, gap: 8, flat: 8, head: 8, out: 8 });
  });

  it('keep operands of additions and pool inputs at 8 under `operands`, the residual stream too under `residual`', () => {
    expect(bitsOf(residual, { policy: 'operands' }).values).toMatchObject({ stem: 8, a: 4, b: 8, sum: 4, c: 8 });
    expect(bitsOf(residual, { policy: 'residual' }).values).toMatchObject({ stem: 8, a: 4, b: 8, sum: 8, c: 8 });
  });

  it('keep inputs of depthwise layers and linear bottlenecks at 8 under `depthwise`, and what `residual` keeps', () => {
    const lines = [
      ...['stem:conv:x', 'a:conv:stem:relu', 'dw:depthwise-conv:a:relu', 'b:conv:dw', 'sum:add:b,stem'],
      ...['c:conv:sum:relu', 'd:conv:c', 'e:conv:d:relu', 'swish:hard-swish:e', 'dw2:depthwise-conv:swish:relu'],
    ];
    const graph = graphOf([...lines, 'head:conv:dw2'], ['head']);
    const values = { stem: 8, a: 4, dw: 4, b: 8, sum: 8, c: 4, d: 4, swish: 4 };
    expect(bitsOf(graph, { policy: 'residual' }).values).toMatchObject(values);
    const kept = { a: 8, d: 8, swish: 8 };
    expect(bitsOf(graph, { policy: 'depthwise' }).values).toMatchObject({ ...values, ...kept });
    expect(bitsOf(graph, { policy: 'depthwise' }).weights).toMatchObject({ a: 4, dw: 4, b: 4, c: 4, d: 4, dw2: 4 });
  });

  it('treat every layer that nothing weighted feeds as first, and every one that feeds nothing as last', () => {
    const graph = graphOf(['a:conv:x', 'b:conv:x', 'm:add:a,b', 'c:conv:m', 'd:conv:c', 'e:conv:c'], ['d', 'e']);
    expect(bitsOf(graph, {}).weights).toEqual({ a: 8, b: 8, c: 4, d: 8, e: 8 });
  });

  it('give depthwise layers their own width, and patterns the last word', () => {
    const graph = graphOf(['a:conv:x', 'dw:depthwise-conv:a', 'b:conv:dw', 'c:conv:b'], ['c']);
    expect(bitsOf(graph, { depthwise: 8 }).weights).toEqual({ a: 8, dw: 8, b: 4, c: 8 });
    const overrides = [
      { pattern: '*', activations: 8 },
      { pattern: 'b', weights: 3, activations: 4 },
    ];
    expect(bitsOf(graph, { overrides })).toEqual({
      weights: { a: 8, dw: 4, b: 3, c: 8 },
      values: { x: 8, a: 8, dw: 8, b: 4, c: 8 },
    });
  });

  it('a group has the bits of its widest member', () => {
    const graph = graphOf(
      ['a:conv:x', 'p:max-pool:a', 'b:conv:a', 'c:conv:p', 'd:add:b,c', 'e:conv:d', 'f:conv:e'],
      ['f'],
    );
    const { values } = bitsOf(graph, { overrides: [{ pattern: 'p', activations: 8 }] });
    expect([values.a, values.p]).toEqual([8, 8]);
  });

  it('list everything the target does not have', () => {
    try {
      bitsOf(residual, { weights: 5, activations: 6 });
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(BitwrightError);
      expect((error as BitwrightError).code).toBe('TARGET_LIMIT');
      // a, b and c; and stem, a, b, sum, c.
      expect((error as BitwrightError).issues.length).toBe(8);
    }
  });
});

describe('patterns', () => {
  it.each([
    ['conv', 'conv', true],
    ['conv', 'conv1', false],
    ['conv*', 'conv1', true],
    ['*conv', 'my/conv', true],
    ['a*b*c', 'a-b-b-c', true],
    ['a*b*c', 'a-c-b', false],
    ['a*a', 'a', false],
    ['*', '', true],
    ['**', 'x', true],
    ['layer.*', 'layer-1', false],
  ])('%s against %s: %s', (pattern, name, expected) => {
    expect(matches(pattern, name)).toBe(expected);
  });

  it('stay linear on hostile patterns', () => {
    const started = performance.now();
    matches(`${'*a'.repeat(2000)}b`, 'a'.repeat(20_000));
    expect(performance.now() - started).toBeLessThan(500);
  });
});
