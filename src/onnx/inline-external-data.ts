/** Puts the external data of a model into the model itself, so that one array of bytes serves every engine. */
import { elementCount } from '../base/tensor.ts';
import { type ExternalData, oncePerFile, readExternalData } from './external-data.ts';
import {
  type AttributeProto,
  decodeModel,
  encodeModel,
  type GraphProto,
  int64ToNumber,
  type TensorProto,
} from './model-proto.ts';
import { tensorTypes } from './tensor-type.ts';

const externalLocation = 1;

/** The same bytes where a model has no external data. Throws MODEL_INVALID as the importer does. */
export function inlineExternalData(
  bytes: Uint8Array<ArrayBuffer>,
  where: string,
  externalData: ExternalData,
): Uint8Array<ArrayBuffer> {
  const model = decodeModel(bytes, where);
  const read = oncePerFile(externalData);
  let found = false;
  const inline = (tensor: TensorProto, role: string): TensorProto => {
    if (tensor.dataLocation !== externalLocation) return tensor;
    found = true;
    const bits = tensorTypes[tensor.dataType ?? 0]?.bits ?? 0;
    const byteCount = Math.ceil((elementCount(tensor.dims.map(int64ToNumber)) * bits) / 8);
    const rawData = readExternalData(tensor, byteCount, `${role} ${tensor.name ?? ''}`, read);
    return { ...tensor, rawData, dataLocation: 0, externalData: [] };
  };
  const inlineAttribute = (attribute: AttributeProto): AttributeProto =>
    attribute.t == null ? attribute : { ...attribute, t: inline(attribute.t, 'attribute') };
  const inlineGraph = (graph: GraphProto): GraphProto => ({
    ...graph,
    initializer: graph.initializer.map((tensor) => inline(tensor, 'initializer')),
    node: graph.node.map((node) => ({ ...node, attribute: node.attribute.map(inlineAttribute) })),
  });
  const inlined = { ...model, graph: inlineGraph(model.graph!) };
  return found ? encodeModel(inlined) : bytes;
}
