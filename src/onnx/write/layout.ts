/** Writers of the operators that move elements. The batch axis is never named by its size, so that files serve any batch. */
import { floatScalar, intVector } from '../onnx-builder.ts';
import type { NodeWriter } from './node-writer.ts';
import { inputShape, ints } from './weighted.ts';

export const writeReshape: NodeWriter = (node, outputs, { builder }) => {
  const shape = ints(node, 'shape');
  // 0 copies the size of the input's axis: the batch.
  const target = builder.newConstant(`${node.name}/shape`, intVector([0, ...shape.slice(1)]));
  builder.node('Reshape', [node.inputs[0]!, target], outputs, { name: node.name });
};

export const writeTranspose: NodeWriter = (node, outputs, { builder }) => {
  builder.node('Transpose', node.inputs, outputs, {
    name: node.name,
    attributes: { perm: { ints: ints(node, 'permutation') } },
  });
};

export const writeConcat: NodeWriter = (node, outputs, { builder }) => {
  builder.node('Concat', node.inputs, outputs, {
    name: node.name,
    attributes: { axis: { int: node.attributes.axis as number } },
  });
};

export const writeSplit: NodeWriter = (node, outputs, { builder }) => {
  const sizes = builder.newConstant(`${node.name}/sizes`, intVector(ints(node, 'sizes')));
  builder.node('Split', [node.inputs[0]!, sizes], outputs, {
    name: node.name,
    attributes: { axis: { int: node.attributes.axis as number } },
  });
};

export const writeSlice: NodeWriter = (node, outputs, { builder }) => {
  const vector = (role: string, values: number[]): string =>
    builder.newConstant(`${node.name}/${role}`, intVector(values));
  const [begin, end, step] = ['begin', 'end', 'step'].map((name) => ints(node, name).slice(1)) as [
    number[],
    number[],
    number[],
  ];
  const axes = begin.map((_, index) => index + 1);
  builder.node(
    'Slice',
    [node.inputs[0]!, vector('begin', begin), vector('end', end), vector('axes', axes), vector('step', step)],
    outputs,
    { name: node.name },
  );
};

export const writePad: NodeWriter = (node, outputs, { builder }) => {
  const pads = builder.newConstant(`${node.name}/pads`, intVector([...ints(node, 'before'), ...ints(node, 'after')]));
  const value = builder.newConstant(`${node.name}/value`, floatScalar(node.attributes.value as number));
  builder.node('Pad', [node.inputs[0]!, pads, value], outputs, { name: node.name });
};

/** By scales where they give the size, since coordinates depend on them; else by sizes. */
export const writeResize: NodeWriter = (node, outputs, context) => {
  const { builder } = context;
  const spatial = inputShape(node, context).slice(2);
  const size = ints(node, 'size');
  const scales = (node.attributes.scales as readonly number[]).map(Math.fround);
  const byScales = size.every((value, axis) => Math.floor(Math.fround(spatial[axis]! * scales[axis]!)) === value);
  const list = byScales
    ? [
        '',
        builder.newConstant(`${node.name}/scales`, { dtype: 'float32', shape: [2], data: Float32Array.from(scales) }),
      ]
    : ['', '', builder.newConstant(`${node.name}/sizes`, intVector(size))];
  const snake = (name: string): string => (node.attributes[name] as string).replaceAll('-', '_');
  const mode = node.attributes.mode === 'bilinear' ? 'linear' : 'nearest';
  const attributes = {
    axes: { ints: [2, 3] },
    mode: { string: mode },
    coordinate_transformation_mode: { string: snake('coordinates') },
    ...(mode === 'nearest' ? { nearest_mode: { string: snake('rounding') } } : {}),
  };
  builder.node('Resize', [node.inputs[0]!, ...list], outputs, { name: node.name, attributes });
};
