/** ONNX BatchNormalization in inference form. */
import { floatConstant, floatConstantName, type ImportContext } from './import-context.ts';
import { invalid, type OnnxNode, unsupported } from './onnx-node.ts';

const roles = ['scale', 'bias', 'mean', 'variance'] as const;

export function importBatchNormalization(node: OnnxNode, context: ImportContext): void {
  if (node.attributes.int('training_mode', 0) !== 0)
    unsupported(node, 'training mode', { next: 'Export the model in inference mode.' });
  if (node.outputs.slice(1).some((output) => output !== ''))
    unsupported(node, 'outputs beyond the first', { next: 'Export the model in inference mode.' });
  const channels = context.value(node, node.inputs[0] ?? '').shape[1];
  const constants = roles.map((role, index) => {
    const tensor = floatConstant(context, node, index + 1, role);
    if (tensor.data.length !== channels)
      invalid(node, `its ${role} does not fit the channels`, {
        seen: tensor.data.length,
        allowed: channels ?? 'an input with channels',
      });
    return floatConstantName(context, node, index + 1, role);
  });
  const epsilon = node.attributes.float('epsilon', 1e-5);
  context.emit(node, 'batch-normalization', [node.inputs[0]!, ...constants], [node.outputs[0]!], { epsilon });
}
