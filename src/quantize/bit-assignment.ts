/**
 * How many bits every weight tensor and every group of activations gets. The first and last weighted layers stay at 8 bits, as
 * everywhere in the literature; what else stays at 8 is the activation policy's business, and patterns override both.
 */
import type { NumericProfile } from '../arithmetic/profile.ts';
import { IssueList } from '../base/errors.ts';
import { nearNames } from '../base/near-names.ts';
import { consumersOf, type Graph, type Node, producerOf } from '../graph/graph.ts';
import type { ScaleGroup } from './scale-groups.ts';
import { weightedOps } from './weighted-nodes.ts';

/**
 * `all`: every inner activation at the activation bits. `operands`: inputs of weighted layers at the activation bits, but outputs
 * of weighted layers that go into an addition and inputs of average pools at 8. `residual`: also the results of additions at 8.
 * `depthwise`: also the inputs of depthwise convolutions, whose few taps average little noise away and whose products are few, and what
 * one weighted layer gives another without an activation function between them (linear bottlenecks).
 */
export const activationPolicies = ['all', 'operands', 'residual', 'depthwise'] as const;

export type ActivationPolicy = (typeof activationPolicies)[number];

/** `pattern` is a node or value name in which `*` stands for any characters. */
export interface BitOverride {
  readonly pattern: string;
  readonly weights?: number;
  readonly activations?: number;
}

export interface BitOptions {
  readonly weights: number;
  readonly activations: number;
  readonly policy: ActivationPolicy;
  /** Bits of the first and last weighted layers, their input and the outputs of the graph. */
  readonly edges: number;
  /** Bits of depthwise weights. */
  readonly depthwise: number;
  readonly overrides: readonly BitOverride[];
}

export interface BitAssignment {
  /** By node name. */
  readonly weights: ReadonlyMap<string, number>;
  /** By group index. */
  readonly activations: readonly number[];
}

/** Throws TARGET_LIMIT listing every tensor whose bits the profile does not have, and overrides that match nothing. */
export function assignBits(
  graph: Graph,
  groups: readonly ScaleGroup[],
  profile: NumericProfile,
  options: BitOptions,
): BitAssignment {
  const issues = new IssueList('TARGET_LIMIT');
  const edges = edgeNodes(graph);
  const weights = new Map<string, number>();
  for (const node of graph.nodes.filter((candidate) => weightedOps.has(candidate.op))) {
    const inner = node.op === 'depthwise-conv' ? options.depthwise : options.weights;
    const chosen = edges.has(node) ? Math.max(inner, options.edges) : inner;
    const bits = override(options.overrides, 'weights', [node.name]) ?? chosen;
    requireBits(issues, `weights of ${node.name}`, bits, profile.weight.bits, profile.id);
    weights.set(node.name, bits);
  }
  const activations = groups.map((group) => {
    const own = group.values.map((value) => valueBits(graph, value, edges, options));
    const tableBits = group.table === null ? 0 : (weights.get(group.table) ?? 0);
    const chosen = tableBits > 0 ? tableBits : group.fixed === null ? Math.max(...own) : options.edges;
    const bits = override(options.overrides, 'activations', namesOf(graph, group)) ?? chosen;
    requireBits(issues, `activation ${group.values[0]}`, bits, profile.activation.bits, profile.id);
    return bits;
  });
  const named = groups.flatMap((group) => namesOf(graph, group));
  reportUnmatched(options.overrides, { weights: [...weights.keys()], activations: named }, issues);
  issues.throwIfAny();
  return { weights, activations };
}

/** Names by which an override can mean a group: its values and the nodes that make them. */
function namesOf(graph: Graph, group: ScaleGroup): string[] {
  return group.values.flatMap((value) => [value, producerOf(graph, value)?.name ?? value]);
}

/** Weighted nodes that no other weighted node feeds, or that feed no other. */
function edgeNodes(graph: Graph): Set<Node> {
  const weighted = graph.nodes.filter((node) => weightedOps.has(node.op));
  const fed = reachedFrom(
    graph.nodes,
    (node) => node.inputs,
    (node) => node.outputs,
  );
  const feeding = reachedFrom(
    [...graph.nodes].reverse(),
    (node) => node.outputs,
    (node) => node.inputs,
  );
  return new Set(weighted.filter((node) => !fed.has(node) || !feeding.has(node)));
}

/** Nodes with a weighted node somewhere before them in the given order. */
function reachedFrom(
  nodes: readonly Node[],
  enter: (node: Node) => readonly string[],
  leave: (node: Node) => readonly string[],
): Set<Node> {
  const marked = new Set<string>();
  const reached = new Set<Node>();
  for (const node of nodes) {
    const isReached = enter(node).some((value) => marked.has(value));
    if (isReached) reached.add(node);
    if (isReached || weightedOps.has(node.op)) for (const value of leave(node)) marked.add(value);
  }
  return reached;
}

const additions: ReadonlySet<string> = new Set(['add', 'sub']);
const pools: ReadonlySet<string> = new Set(['average-pool', 'global-average-pool']);

function valueBits(graph: Graph, value: string, edges: ReadonlySet<Node>, options: BitOptions): number {
  const wide = Math.max(options.activations, options.edges);
  const producer = producerOf(graph, value);
  const consumers = consumersOf(graph, value);
  if (producer === undefined || graph.outputs.includes(value)) return wide;
  if (consumers.some((node) => weightedOps.has(node.op) && edges.has(node))) return wide;
  if (!feedsWeighted(graph, producer)) return wide;
  if (options.policy === 'all') return options.activations;
  const feedsAddition = consumers.some((node) => additions.has(node.op));
  if (consumers.some((node) => pools.has(node.op))) return wide;
  if (feedsAddition && weightedOps.has(producer.op)) return wide;
  if (options.policy === 'operands') return options.activations;
  if (feedsAddition || additions.has(producer.op)) return wide;
  if (options.policy === 'residual') return options.activations;
  const isLinear = weightedOps.has(producer.op) && (producer.attributes.clamp ?? null) === null;
  const reader = isLinear ? (node: Node) => weightedOps.has(node.op) : (node: Node) => node.op === 'depthwise-conv';
  return consumers.some(reader) ? wide : options.activations;
}

/** False for the tail of the graph: what the last weighted layer computes and everything behind it. */
function feedsWeighted(graph: Graph, start: Node): boolean {
  const reached = new Set<string>(start.outputs);
  for (const node of graph.nodes.slice(graph.nodes.indexOf(start) + 1)) {
    if (!node.inputs.some((value) => reached.has(value))) continue;
    if (weightedOps.has(node.op)) return true;
    for (const value of node.outputs) reached.add(value);
  }
  return false;
}

function requireBits(
  issues: IssueList,
  where: string,
  bits: number,
  allowed: readonly number[],
  profile: string,
): void {
  if (allowed.includes(bits)) return;
  issues.add({
    message: `profile ${profile} has no such width`,
    where,
    seen: `${bits} bits`,
    allowed: allowed.join(', '),
    next: 'Choose other bits with --weights, --activations or --bits.',
  });
}

function override(
  overrides: readonly BitOverride[],
  kind: 'weights' | 'activations',
  names: readonly string[],
): number | undefined {
  return overrides.findLast(
    (entry) => entry[kind] !== undefined && names.some((name) => matches(entry.pattern, name)),
  )?.[kind];
}

/** `*` stands for any run of characters. Linear in the name for each star, whatever the pattern. */
export function matches(pattern: string, name: string): boolean {
  const parts = pattern.split('*');
  if (parts.length === 1) return pattern === name;
  const first = parts[0];
  const last = parts[parts.length - 1];
  if (name.length < first.length + last.length || !name.startsWith(first) || !name.endsWith(last)) return false;
  let at = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = name.indexOf(part, at);
    if (found < 0 || found + part.length > name.length - last.length) return false;
    at = found + part.length;
  }
  return true;
}

/** An override that changes nothing is a slip: each says which names would have been near. */
function reportUnmatched(
  overrides: readonly BitOverride[],
  names: Readonly<Record<'weights' | 'activations', readonly string[]>>,
  issues: IssueList,
): void {
  const owners = { weights: 'node with weights', activations: 'activation, or node that makes one,' };
  for (const override of overrides) {
    const { pattern } = override;
    for (const kind of ['weights', 'activations'] as const) {
      if (override[kind] === undefined || names[kind].some((name) => matches(pattern, name))) continue;
      const near = nearNames(pattern, names[kind]);
      issues.add({
        message: `no ${owners[kind]} has such a name`,
        where: '--bits',
        seen: pattern,
        next: near.length === 0 ? '`bitwright inspect` lists the nodes.' : `Near it: ${near.join(', ')}.`,
      });
    }
  }
}
