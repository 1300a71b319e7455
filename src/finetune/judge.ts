/**
 * Judges a plan by what ships: the packed integer program, run in the simulator on samples that never train. Candidates are chosen
 * by this loss only; the blended network that training sees can hide errors that the hard one has.
 */
import type { NumericProfile } from '../arithmetic/profile.ts';
import { assert, BitwrightError } from '../base/errors.ts';
import type { Tensor } from '../base/tensor.ts';
import type { Graph } from '../graph/graph.ts';
import type { QuantizationPlan } from '../graph/quantization-plan.ts';
import { createLowering } from '../lower/lower.ts';
import { pack } from '../package/pack.ts';
import { divergence } from '../search/objective.ts';
import type { SimulationPool } from '../simulate/engine.ts';
import { dequantizeSamples, quantizeSamples } from '../simulate/quantize-samples.ts';

export interface Judgement {
  /** Infinity where the profile cannot run the plan. */
  readonly loss: number;
  /** Share of samples whose largest output is the label's; null without labels. */
  readonly accuracy: number | null;
}

export interface JudgeRequest {
  readonly graph: Graph;
  readonly profile: NumericProfile;
  readonly pool: SimulationPool;
  /** One tensor for each graph input, [samples, ...]. */
  readonly inputs: readonly Tensor[];
  /** Value that is judged. */
  readonly logits: string;
  /** The float model's values, `classes` for each row. */
  readonly reference: Float32Array;
  readonly classes: number;
  /** One for each row, or null. */
  readonly labels: Int32Array | null;
  readonly classifier: boolean;
  readonly labelWeight: number;
  readonly distillationWeight: number;
}

export type Judge = (plan: QuantizationPlan) => Promise<Judgement>;

export function createJudge(request: JudgeRequest): Judge {
  const lowering = createLowering(request.graph, request.profile);
  return async (plan) => {
    const values = await hardLogits(request, plan, lowering).catch((error: unknown) => {
      const outOfRange = ['PROFILE_UNSUPPORTED', 'ACCUMULATOR_OVERFLOW'];
      if (error instanceof BitwrightError && outOfRange.includes(error.code)) return null;
      throw error;
    });
    return values === null ? { loss: Number.POSITIVE_INFINITY, accuracy: null } : judgeValues(values, request);
  };
}

async function hardLogits(
  { profile, pool, inputs, logits }: JudgeRequest,
  plan: QuantizationPlan,
  lowering: ReturnType<typeof createLowering>,
): Promise<Float32Array> {
  const program = lowering(plan);
  const ports = program.inputs.map((index, port) => ({ tensor: program.tensors[index]!, samples: inputs[port]! }));
  const batch = quantizeSamples(ports, profile.quantizeInput);
  await pool.setInputs(batch);
  const wanted = program.tensors.findIndex((tensor) => tensor.name === logits);
  assert(wanted >= 0, `The program has no tensor of the value ${logits}.`);
  const [codes] = await pool.run(pack(program), { tensors: [wanted], samples: batch.samples });
  return dequantizeSamples(codes!, program.tensors[wanted]!, batch.samples).data;
}

/** Exported for its test: losses and accuracy of rows of `classes` values. */
export function judgeValues(
  values: Float32Array,
  request: Pick<JudgeRequest, 'reference' | 'classes' | 'labels' | 'classifier' | 'labelWeight' | 'distillationWeight'>,
): Judgement {
  const { reference, classes, labels } = request;
  const rows = values.length / classes;
  let loss = 0;
  let right = 0;
  for (let row = 0; row < rows; row++) {
    const own = Float64Array.from(values.subarray(row * classes, (row + 1) * classes));
    const float = Float64Array.from(reference.subarray(row * classes, (row + 1) * classes));
    loss += request.distillationWeight * (request.classifier ? divergence(float, own) : squaredError(float, own));
    if (labels === null) continue;
    const oneHot = new Float64Array(classes).fill(-1e4);
    oneHot[labels[row]!] = 0;
    if (request.labelWeight > 0) loss += request.labelWeight * divergence(oneHot, own);
    if (own.indexOf(Math.max(...own)) === labels[row]) right++;
  }
  return { loss: loss / rows, accuracy: labels === null ? null : right / rows };
}

function squaredError(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, index) => sum + (value - b[index]!) ** 2, 0) / a.length;
}
