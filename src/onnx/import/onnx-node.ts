/** One ONNX node as the importers see it: resolved input names, a name of its own, typed attribute access, and its errors. */
import { BitwrightError, type Issue } from '../../base/errors.ts';
import type { Tensor } from '../../base/tensor.ts';
import { decodeTensor } from '../decode-tensor.ts';
import type { ExternalData } from '../external-data.ts';
import { type AttributeProto, int64ToNumber, type NodeProto } from '../model-proto.ts';

export interface OnnxNode {
  readonly name: string;
  readonly opType: string;
  /** '' is the ONNX domain itself. */
  readonly domain: string;
  /** '' for an absent optional input. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: AttributeReader;
}

/** Reads attributes with their defaults; a value of another kind throws MODEL_INVALID naming node and attribute. */
export interface AttributeReader {
  has(name: string): boolean;
  int(name: string, fallback: number): number;
  float(name: string, fallback: number): number;
  string(name: string, fallback: string): string;
  /** Undefined where the attribute is absent. */
  ints(name: string): number[] | undefined;
  floats(name: string): number[] | undefined;
  tensor(name: string): Tensor | undefined;
}

type ExtraIssue = Partial<Pick<Issue, 'seen' | 'allowed' | 'next'>>;

/** The model asks for something that bitwright does not do. */
export function unsupported(node: Pick<OnnxNode, 'name' | 'opType'>, message: string, extra: ExtraIssue = {}): never {
  const next = 'Export the model without it, or leave this part of the model to the host.';
  const where = `node ${node.name} (${node.opType})`;
  throw new BitwrightError('MODEL_UNSUPPORTED', { message, where, next, ...extra });
}

/** The model breaks the rules of ONNX. */
export function invalid(node: Pick<OnnxNode, 'name' | 'opType'>, message: string, extra: ExtraIssue = {}): never {
  const next = 'The file breaks the rules of ONNX: export it again, or check it with onnx.checker.';
  throw new BitwrightError('MODEL_INVALID', { message, where: `node ${node.name} (${node.opType})`, next, ...extra });
}

export function readNode(proto: NodeProto, name: string, externalData?: ExternalData): OnnxNode {
  const opType = proto.opType ?? '';
  const domain = proto.domain === 'ai.onnx' ? '' : (proto.domain ?? '');
  const attributes = readAttributes(proto.attribute, { name, opType }, externalData);
  return { name, opType, domain, inputs: proto.input, outputs: proto.output, attributes };
}

/** AttributeProto.AttributeType of the fields that are read. */
const attributeKinds = { f: 1, i: 2, s: 3, t: 4, floats: 6, ints: 7 } as const;

function readAttributes(
  protos: readonly AttributeProto[],
  owner: Pick<OnnxNode, 'name' | 'opType'>,
  externalData?: ExternalData,
): AttributeReader {
  const byName = new Map(protos.map((proto) => [proto.name ?? '', proto]));
  const find = <K extends keyof typeof attributeKinds>(name: string, field: K): AttributeProto[K] | undefined => {
    const proto = byName.get(name);
    if (proto === undefined) return undefined;
    const kind = proto.type ?? attributeKinds[field];
    if (kind !== attributeKinds[field])
      invalid(owner, `attribute ${name} is of another kind`, { seen: kind, allowed: attributeKinds[field] });
    return proto[field];
  };
  const whole = (name: string, value: number): number => {
    if (Number.isNaN(value)) invalid(owner, `attribute ${name} is too large`);
    return value;
  };
  return {
    has: (name) => byName.has(name),
    int: (name, fallback) => {
      const value = find(name, 'i');
      return value === undefined ? fallback : whole(name, int64ToNumber(value));
    },
    float: (name, fallback) => find(name, 'f') ?? fallback,
    string: (name, fallback) => {
      const value = find(name, 's');
      return value === undefined ? fallback : new TextDecoder().decode(value);
    },
    ints: (name) => find(name, 'ints')?.map((value) => whole(name, int64ToNumber(value))),
    floats: (name) => find(name, 'floats')?.slice(),
    tensor: (name) => {
      const proto = find(name, 't');
      return proto == null
        ? undefined
        : decodeTensor(proto, `node ${owner.name} (${owner.opType}), attribute ${name}`, externalData);
    },
  };
}
