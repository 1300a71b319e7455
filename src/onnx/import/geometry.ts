/** Window geometry shared by convolutions and pools: kernel, strides, dilations and pads as 2-D, with auto_pad and ceil_mode resolved. 1-D nodes become 2-D with height 1. */
import type { Shape } from '../../base/tensor.ts';
import { invalid, type OnnxNode, unsupported } from './onnx-node.ts';

export interface WindowGeometry {
  readonly kernel: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly dilations: readonly [number, number];
  /** top, left, bottom, right */
  readonly pads: readonly [number, number, number, number];
}

/** Reads the window attributes of a node whose input has the shape `input` (N, C and one or two spatial axes). */
export function windowGeometry(node: OnnxNode, input: Shape, kernelShape: readonly number[]): WindowGeometry {
  const rank = input.length - 2;
  if (rank !== 1 && rank !== 2)
    unsupported(node, 'has other than one or two spatial axes', {
      seen: `[${input.join(',')}]`,
      allowed: 'NCL or NCHW',
    });
  const list = (name: string, length: number, fallback: number, least: number): number[] => {
    const values = node.attributes.ints(name) ?? new Array<number>(length).fill(fallback);
    if (values.length !== length || values.some((value) => value < least || value > 65535)) {
      invalid(node, `attribute ${name}`, {
        seen: `[${values.join(',')}]`,
        allowed: `${length} values from ${least} to 65535`,
      });
    }
    return values;
  };
  if (kernelShape.length !== rank || kernelShape.some((size) => size < 1 || size > 65535)) {
    invalid(node, 'kernel shape', { seen: `[${kernelShape.join(',')}]`, allowed: `${rank} sizes of at least 1` });
  }
  const strides = list('strides', rank, 1, 1);
  const dilations = list('dilations', rank, 1, 1);
  const explicit = list('pads', 2 * rank, 0, 0);
  const extent = kernelShape.map((size, axis) => (size - 1) * dilations[axis]! + 1);
  const pads = resolvePads(node, explicit, input.slice(2), extent, strides);
  if (node.attributes.int('ceil_mode', 0) !== 0) enlargeForCeil(pads, input.slice(2), extent, strides);
  if (rank === 2)
    return {
      kernel: pair(kernelShape),
      strides: pair(strides),
      dilations: pair(dilations),
      pads: [pads[0]!, pads[1]!, pads[2]!, pads[3]!],
    };
  return {
    kernel: [1, kernelShape[0]!],
    strides: [1, strides[0]!],
    dilations: [1, dilations[0]!],
    pads: [0, pads[0]!, 0, pads[1]!],
  };
}

function pair(values: readonly number[]): [number, number] {
  return [values[0]!, values[1]!];
}

/** ONNX pads are all the beginnings, then all the ends. Source: ONNX Conv-11, auto_pad. */
function resolvePads(
  node: OnnxNode,
  explicit: number[],
  sizes: Shape,
  extent: readonly number[],
  strides: readonly number[],
): number[] {
  const mode = node.attributes.string('auto_pad', 'NOTSET');
  if (mode === 'NOTSET') return explicit;
  if (mode === 'VALID') return explicit.map(() => 0);
  if (mode !== 'SAME_UPPER' && mode !== 'SAME_LOWER')
    return invalid(node, 'attribute auto_pad', { seen: mode, allowed: 'NOTSET, VALID, SAME_UPPER, SAME_LOWER' });
  const totals = sizes.map((size, axis) =>
    Math.max((Math.ceil(size / strides[axis]!) - 1) * strides[axis]! + extent[axis]! - size, 0),
  );
  const smaller = totals.map((total) => Math.floor(total / 2));
  const larger = totals.map((total) => Math.ceil(total / 2));
  return mode === 'SAME_UPPER' ? [...smaller, ...larger] : [...larger, ...smaller];
}

/** Pads the end so that rounding down gives what ceil_mode asks for. A window may not start in the end padding. */
function enlargeForCeil(pads: number[], sizes: Shape, extent: readonly number[], strides: readonly number[]): void {
  const rank = sizes.length;
  for (let axis = 0; axis < rank; axis++) {
    const stride = strides[axis]!;
    const padded = sizes[axis]! + pads[axis]! + pads[axis + rank]!;
    let windows = Math.ceil((padded - extent[axis]!) / stride) + 1;
    if ((windows - 1) * stride >= sizes[axis]! + pads[axis]!) windows--;
    pads[axis + rank]! += Math.max((windows - 1) * stride + extent[axis]! - padded, 0);
  }
}
