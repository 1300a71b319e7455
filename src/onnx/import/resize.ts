/** ONNX Resize and Upsample over the two spatial axes, nearest or bilinear. */
import { numbersOf } from '../fold/number-array.ts';
import { type ImportContext, requireConstant } from './import-context.ts';
import { invalid, type OnnxNode, unsupported } from './onnx-node.ts';

const coordinateModes: Readonly<Record<string, string>> = {
  half_pixel: 'half-pixel',
  pytorch_half_pixel: 'pytorch-half-pixel',
  asymmetric: 'asymmetric',
  align_corners: 'align-corners',
};
const roundings: Readonly<Record<string, string>> = {
  round_prefer_floor: 'round-prefer-floor',
  round_prefer_ceil: 'round-prefer-ceil',
  floor: 'floor',
  ceil: 'ceil',
};

export function importResize(node: OnnxNode, context: ImportContext): void {
  const { shape } = context.value(node, node.inputs[0] ?? '');
  if (shape.length !== 4)
    unsupported(node, 'resizes other than two spatial axes', { seen: `[${shape.join(',')}]`, allowed: '[N,C,H,W]' });
  const early = node.opType === 'Upsample' || context.opset < 11;
  if (node.attributes.has('axes')) unsupported(node, 'attribute axes');
  if (node.attributes.int('antialias', 0) !== 0) unsupported(node, 'antialias');
  if (node.attributes.string('keep_aspect_ratio_policy', 'stretch') !== 'stretch')
    unsupported(node, 'keep_aspect_ratio_policy');
  const { size, scales } = targetSize(node, context, shape, early ? 1 : 2);
  const onnxMode = node.attributes.string('mode', 'nearest');
  const mode = onnxMode === 'linear' || onnxMode === 'bilinear' ? 'bilinear' : onnxMode;
  if (mode !== 'nearest' && mode !== 'bilinear')
    unsupported(node, 'mode', { seen: onnxMode, allowed: 'nearest, linear' });
  const coordinates =
    coordinateModes[early ? 'asymmetric' : node.attributes.string('coordinate_transformation_mode', 'half_pixel')];
  const rounding = roundings[early ? 'floor' : node.attributes.string('nearest_mode', 'round_prefer_floor')];
  if (coordinates === undefined || rounding === undefined)
    unsupported(node, 'coordinate_transformation_mode or nearest_mode', {
      allowed: [...Object.keys(coordinateModes), ...Object.keys(roundings)].join(', '),
    });
  context.emit(node, 'resize', [node.inputs[0]!], node.outputs, { size, mode, coordinates, rounding, scales });
}

/** Output height and width and the scale of each, from `scales` or `sizes`. */
function targetSize(
  node: OnnxNode,
  context: ImportContext,
  shape: readonly number[],
  scalesInput: number,
): { size: number[]; scales: number[] } {
  const given = (index: number): number[] =>
    (node.inputs[index] ?? '') === '' ? [] : numbersOf(requireConstant(context, node, index, 'scales or sizes'));
  const scales = node.attributes.floats('scales') ?? given(scalesInput);
  const sizes = scalesInput === 2 ? given(3) : [];
  const list = sizes.length > 0 ? sizes : scales;
  if (list.length !== 4) invalid(node, 'needs four scales or sizes', { seen: list.length });
  const bySize = sizes.length > 0;
  const kept = bySize ? list[0] === shape[0] && list[1] === shape[1] : list[0] === 1 && list[1] === 1;
  if (!kept) unsupported(node, 'resizes batch or channels', { seen: `[${list.join(',')}]` });
  const size = [2, 3].map((axis) => (bySize ? list[axis]! : Math.floor(shape[axis]! * list[axis]!)));
  if (size.some((value) => !(value >= 1 && value <= 65535)))
    invalid(node, 'its output size', { seen: `[${size.join(',')}]`, allowed: '1 to 65535' });
  return { size, scales: [2, 3].map((axis, index) => (bySize ? size[index]! / shape[axis]! : list[axis]!)) };
}
