/** Mutations of ONNX models for the fuzzer: of their bytes, and of what the bytes say. */

/** The mutation of a seed: the model that was taken, and its mutated bytes. */
export function createMutator(models, { seededRandom, decodeModel, encodeModel }) {
  // Small models are cheap to import, so they are taken more often: `shares` are running sums.
  const shares = [];
  for (const { bytes } of models) shares.push((shares.at(-1) ?? 0) + (bytes.length + 20_000) ** -1.5);
  return (seed) => {
    const random = seededRandom(seed);
    const at = random.next() * shares.at(-1);
    const model = models[shares.findIndex((share) => at < share)];
    if (random.next() < 0.5) return { model, bytes: mutateBytes(model, random) };
    return { model, bytes: encodeModel(mutateStructure(decodeModel(model.bytes, model.name), random)) };
  };
}

/** Mostly outside the tensor data, where a byte means something. */
function pickOffset({ bytes, data }, random) {
  for (let attempt = 0; attempt < 20; attempt++) {
    const offset = random.integer(0, bytes.length - 1);
    if (!data.some(([start, end]) => offset >= start && offset < end)) return offset;
  }
  return random.integer(0, bytes.length - 1);
}

function mutateBytes(model, random) {
  let bytes = Uint8Array.from(model.bytes);
  const edits = random.integer(1, 4);
  for (let edit = 0; edit < edits && bytes.length > 1; edit++) {
    const offset = Math.min(pickOffset(model, random), bytes.length - 1);
    const kind = random.integer(0, 5);
    if (kind === 0) bytes[offset] ^= 1 << random.integer(0, 7);
    else if (kind === 1) bytes[offset] = random.integer(0, 255);
    else if (kind === 2) bytes = bytes.subarray(0, offset);
    else if (kind === 3) bytes.fill(0xff, offset, offset + random.integer(1, 10));
    else {
      const length = random.integer(1, 40);
      const piece = kind === 4 ? new Uint8Array(0) : bytes.subarray(offset, offset + length);
      const rest = bytes.subarray(kind === 4 ? Math.min(offset + length, bytes.length) : offset);
      bytes = Uint8Array.from([...bytes.subarray(0, offset), ...piece, ...rest]);
    }
  }
  return bytes;
}

const oddNumbers = [0, 1, -1, 2, 3, 7, 255, 65535, 65536, 2 ** 31 - 1, -(2 ** 31), 2 ** 31, 2 ** 40, -(2 ** 53)];
const operators = [
  'Conv',
  'Gemm',
  'MatMul',
  'Add',
  'Relu',
  'Reshape',
  'Transpose',
  'Slice',
  'Pad',
  'Concat',
  'Gather',
  'Resize',
  'Split',
  'MaxPool',
  'AveragePool',
  'Softmax',
  'Clip',
  'ConstantOfShape',
  'Expand',
  'Tile',
  'Range',
  'Shape',
  'Cast',
  'ConvTranspose',
  'BatchNormalization',
  'ArgMax',
  'Flatten',
  'Squeeze',
  'Unsqueeze',
  'ReduceMean',
  'Loop',
  'If',
  'PRelu',
  'Where',
  'Div',
  'Mod',
  'QuantizeLinear',
  'DequantizeLinear',
  'QLinearConv',
  'QLinearMatMul',
];

function pick(random, list) {
  return list[random.integer(0, list.length - 1)];
}

/** One to three changes of nodes, attributes, tensors and names; `model` is ours to change. */
function mutateStructure(model, random) {
  const { graph } = model;
  const names = [
    ...graph.node.flatMap((node) => [...node.input, ...node.output]),
    ...graph.initializer.map((tensor) => tensor.name ?? ''),
  ];
  const edits = random.integer(1, 3);
  for (let edit = 0; edit < edits; edit++) {
    const node = pick(random, graph.node);
    const tensor = pick(random, graph.initializer);
    switch (random.integer(0, 11)) {
      case 0:
        node.opType = pick(random, operators);
        break;
      case 1:
        if (node.input.length > 0) node.input[random.integer(0, node.input.length - 1)] = pick(random, names);
        break;
      case 2:
        if (node.output.length > 0) node.output[random.integer(0, node.output.length - 1)] = pick(random, names);
        break;
      case 3:
        node.input.push(pick(random, names));
        break;
      case 4:
        node.input.pop();
        break;
      case 5:
        graph.node.splice(random.integer(0, graph.node.length - 1), 1);
        if (graph.node.length === 0) return model;
        break;
      case 6:
        graph.node.push({ ...pick(random, graph.node), output: [`copy${edit}`] });
        break;
      case 7:
        if (tensor.dims.length > 0) tensor.dims[random.integer(0, tensor.dims.length - 1)] = pick(random, oddNumbers);
        break;
      case 8:
        tensor.dataType = random.integer(0, 25);
        break;
      case 9:
        mutateAttribute(pick(random, node.attribute.length > 0 ? node.attribute : [{ name: 'axis', type: 2 }]), random);
        break;
      case 10:
        node.attribute.push({
          name: pick(random, ['axis', 'group', 'pads', 'perm', 'axes', 'to', 'mode', 'ceil_mode', 'auto_pad']),
          type: 2,
          i: pick(random, oddNumbers),
        });
        break;
      default:
        mutateData(tensor, random);
    }
  }
  return model;
}

function mutateAttribute(attribute, random) {
  if (attribute.ints?.length > 0)
    attribute.ints[random.integer(0, attribute.ints.length - 1)] = pick(random, oddNumbers);
  else if (attribute.i !== undefined) attribute.i = pick(random, oddNumbers);
  else if (attribute.f !== undefined) attribute.f = pick(random, [0, -1, Number.NaN, Number.POSITIVE_INFINITY, 1e38]);
  else if (attribute.t?.rawData?.length >= 8)
    attribute.t.rawData = Uint8Array.from(attribute.t.rawData, () => random.integer(0, 255));
  else attribute.type = random.integer(0, 14);
}

function mutateData(tensor, random) {
  if (!(tensor.rawData?.length > 0)) return;
  tensor.rawData = Uint8Array.from(tensor.rawData);
  if (tensor.rawData.length <= 64)
    tensor.rawData[random.integer(0, tensor.rawData.length - 1)] = random.integer(0, 255);
  else if (random.next() < 0.5) tensor.rawData.fill(0xff, 0, 8);
  else tensor.rawData = tensor.rawData.subarray(0, random.integer(0, tensor.rawData.length));
}
