/**
 * The integer program as an ONNX model in operator form (QLinearConv, QGemm, int8 tables): float in and out, codes as further
 * outputs. Under the `onnxruntime` profile it computes the same codes as program.bin at every optimisation level; for other profiles
 * it is the nearest that ONNX Runtime has.
 */
import { getProfile } from '../arithmetic/registry.ts';
import { crc32 } from '../base/bytes.ts';
import { BitwrightError } from '../base/errors.ts';
import { type Graph, producerOf } from '../graph/graph.ts';
import type { IntegerProgram } from '../graph/integer-program.ts';
import type { QuantizationPlan } from '../graph/quantization-plan.ts';
import { cutEpilogue } from '../lower/epilogue.ts';
import { batched, createOnnxBuilder } from '../onnx/onnx-builder.ts';
import { coreMap, coreMapKey } from './onnx-export/core-map.ts';
import {
  cannotExport,
  codesName,
  type ExportContext,
  int8Scalar,
  scaleName,
  zeroPointName,
} from './onnx-export/export-context.ts';
import { nodeExporters } from './onnx-export/table.ts';
import { pack } from './pack.ts';

/** The first operator set with int4 initializers. */
const exportOpset = 21;

/** Whether the exported model of a profile computes the program's codes bit for bit. */
export function isOnnxExact(profile: string): boolean {
  return profile === 'onnxruntime';
}

/**
 * Writes the model. `graph` is the rewritten graph that `plan` and `program` belong to. Throws PROFILE_UNSUPPORTED where a node has no
 * quantized ONNX form (16-bit activations, bilinear resizing).
 */
export function exportOnnx(graph: Graph, plan: QuantizationPlan, program: IntegerProgram): Uint8Array<ArrayBuffer> {
  const cut = cutEpilogue(graph, getProfile(program.profile)).graph;
  const builder = createOnnxBuilder();
  const context: ExportContext = { builder, graph: cut, plan, program, internals: new Map() };
  refuseWide(program);
  for (const input of cut.inputs) writeInput(context, input);
  for (const node of cut.nodes) {
    const exporter = nodeExporters.get(node.op);
    if (exporter === undefined) throw cannotExport(node, `operator ${node.op}`);
    exporter(node, context);
  }
  for (const [index, output] of graph.outputs.entries()) writeOutput(context, graph, output, cut.outputs[index]!);
  builder.metadata(coreMapKey, JSON.stringify(coreMap(context, crc32(pack(program)))));
  return builder.finish({ opset: exportOpset, name: graph.name, domains: { 'com.microsoft': 1 } });
}

function refuseWide(program: IntegerProgram): void {
  const wide = program.tensors.find((tensor) => tensor.dtype === 'int16');
  if (wide === undefined) return;
  throw new BitwrightError('PROFILE_UNSUPPORTED', {
    message: 'ONNX Runtime has no integer operators for 16-bit activations',
    where: `tensor ${wide.name}`,
    next: 'The package is complete without model.onnx.',
  });
}

function writeInput(context: ExportContext, name: string): void {
  const { builder, graph, plan } = context;
  const { dtype, shape } = graph.values.get(name)!;
  builder.input(name, dtype, batched(shape));
  if (dtype !== 'float32') return;
  const { qMin, qMax } = plan.activations.get(name)!;
  const codes = codesName(context, name);
  const whole = qMin <= -128 && qMax >= 127;
  const target = whole ? codes : `${codes}/unclamped`;
  builder.node('QuantizeLinear', [name, scaleName(context, name), zeroPointName(context, name)], [target], {
    name: `${name}/quantize`,
  });
  if (whole) return;
  const bounds = [qMin, qMax].map((code) => builder.constant(`code/${code}`, int8Scalar(code)));
  builder.node('Clip', [target, ...bounds], [codes], { name: `${name}/clamp` });
}

/** `last` is the value that the program ends at: the output itself, or what the host's softmax is applied to. */
function writeOutput(context: ExportContext, graph: Graph, output: string, last: string): void {
  const { builder } = context;
  const { dtype, shape } = graph.values.get(output)!;
  if (dtype === 'float32') {
    const codes = codesName(context, last);
    const real = graph.inputs.includes(last) ? `${last}/real` : last;
    builder.node('DequantizeLinear', [codes, scaleName(context, last), zeroPointName(context, last)], [real], {
      name: `${last}/dequantize`,
    });
    if (last !== output) {
      const softmax = producerOf(graph, output)!;
      builder.node('Softmax', [real], [output], {
        name: softmax.name,
        attributes: { axis: { int: softmax.attributes.axis as number } },
      });
    }
    builder.output(output, 'float32', batched(shape));
    builder.output(codes, 'int8', batched(context.graph.values.get(last)!.shape));
    return;
  }
  builder.output(output, dtype, batched(shape));
}
