/**
 * Checks the gradients of a whole model: for each trained tensor, the derivative of the loss along a random direction by the ONNX
 * gradient graph against central differences of the operators' float references, which share no code with it.
 * After `npm run build`: node scripts/gradient-check.mjs MODEL.onnx [--samples 2] [--seed 1] [--tolerance 0.02]
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { seededRandom } from '../dist/base/random.js';
import { elementCount } from '../dist/base/tensor.js';
import { createTrainer } from '../dist/finetune/trainer.js';
import { nodesUpTo } from '../dist/finetune/training-options.js';
import { logitsOf } from '../dist/lower/epilogue.js';
import { importOnnx } from '../dist/onnx/import-onnx.js';
import { getOp } from '../dist/ops/registry.js';
import { weightedOps } from '../dist/quantize/weighted-nodes.js';
import { rewrite } from '../dist/rewrites/rewrite.js';

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    samples: { type: 'string', default: '2' },
    seed: { type: 'string', default: '1' },
    tolerance: { type: 'string', default: '0.02' },
  },
});
/** Relative size of a step along the direction: large against float32 rounding, small against curvature and kinks. */
const reach = 1e-4;
const random = seededRandom(Number(flags.seed));
const batch = Number(flags.samples);

function floatForward(graph, nodes, feeds, replaced) {
  const values = new Map([...graph.constants, ...feeds, ...replaced]);
  for (const node of nodes) {
    const inputs = node.inputs.map((name) => values.get(name));
    const results = getOp(node.op).runFloat(node, inputs);
    for (const [index, output] of node.outputs.entries()) values.set(output, results[index]);
  }
  return values;
}

/** Mean squared logits: smooth, and every logit matters. */
function lossOf({ data }) {
  let sum = 0;
  for (const value of data) sum += value * value;
  return sum / data.length;
}

function randomInput(value) {
  const shape = [batch, ...value.shape.slice(1)];
  if (value.dtype !== 'float32') return { dtype: 'int64', shape, data: new BigInt64Array(elementCount(shape)) };
  return { dtype: 'float32', shape, data: Float32Array.from({ length: elementCount(shape) }, () => random.normal()) };
}

async function checkModel(path) {
  const graph = rewrite(importOnnx(readFileSync(path), { name: path }));
  const logits = logitsOf(graph, graph.outputs[0]);
  const nodes = nodesUpTo(graph, logits);
  const parameters = nodes
    .filter((node) => weightedOps.has(node.op))
    .flatMap((node) => node.inputs)
    .filter((name) => graph.constants.has(name));
  const feeds = new Map(graph.inputs.map((name) => [name, randomInput(graph.values.get(name))]));
  const trainer = await createTrainer(graph, {
    batch,
    logits,
    parameters: new Set(parameters),
    losses: [{ loss: 'mean-squared-error', weight: 1, temperature: 1 }],
    activations: new Map(),
    learnedSteps: new Map(),
  });
  const classes = trainer.training.logitsShape.at(-1);
  const count = elementCount(trainer.training.logitsShape);
  const zeros = { dtype: 'float32', shape: [count / classes, classes], data: new Float32Array(count) };
  const { gradients } = await trainer.run({
    inputs: feeds,
    parameters: new Map(parameters.map((name) => [name, graph.constants.get(name).data])),
    steps: new Map(),
    targets: new Map([['mean-squared-error', zeros]]),
  });
  await trainer.close();
  let worst = 0;
  for (const [name, gradient] of gradients)
    worst = Math.max(worst, compare(graph, nodes, logits, feeds, name, gradient));
  return { tensors: gradients.size, worst };
}

/** Relative difference of the two derivatives along one direction. */
function compare(graph, nodes, logits, feeds, name, gradient) {
  const tensor = graph.constants.get(name);
  const size = Math.sqrt(tensor.data.reduce((sum, value) => sum + value * value, 0) / tensor.data.length) || 1;
  // Half along the gradient, so that the derivative is never a small difference of large parts.
  const length = Math.sqrt(gradient.reduce((sum, value) => sum + value * value, 0) / gradient.length) || 1;
  const direction = Float32Array.from(gradient, (value) => size * (value / length + random.normal()));
  const along = direction.reduce((sum, value, index) => sum + value * gradient[index], 0);
  const at = (step) => {
    const data = Float32Array.from(tensor.data, (value, index) => value + step * direction[index]);
    return lossOf(floatForward(graph, nodes, feeds, [[name, { ...tensor, data }]]).get(logits));
  };
  const difference = (at(reach) - at(-reach)) / (2 * reach);
  const relative = Math.abs(along - difference) / Math.max(Math.abs(along), Math.abs(difference), 1e-12);
  console.log(
    `${name.padEnd(40)} ${along.toExponential(4)} ${difference.toExponential(4)} ${relative.toExponential(1)}`,
  );
  return relative;
}

let failed = false;
for (const path of positionals) {
  const { tensors, worst } = await checkModel(path);
  failed ||= !(worst <= Number(flags.tolerance));
  console.log(`${path}: ${tensors} tensors, largest relative difference ${worst.toExponential(2)}`);
}
process.exitCode = failed ? 1 : 0;
