/** One float model with its calibration and its test samples: quantizes it as an experiment says, and measures the integer program. */
import { basename } from 'node:path';
import { getProfile } from '../../dist/arithmetic/registry.js';
import { calibrate } from '../../dist/calibrate/calibrate.js';
import { runFloatModel } from '../../dist/calibrate/run-float-model.js';
import { loadModel } from '../../dist/cli/steps/load-model.js';
import { loadDataset } from '../../dist/data/load-dataset.js';
import { matchDataset } from '../../dist/data/match-dataset.js';
import { cutEpilogue, logitsOf } from '../../dist/lower/epilogue.js';
import { lower } from '../../dist/lower/lower.js';
import { pack } from '../../dist/package/pack.js';
import { blendedSamples } from '../../dist/search/blended-samples.js';
import { prepareModel } from '../../dist/search/prepare-model.js';
import { quantizeModel } from '../../dist/search/quantize-model.js';
import { quantizeSamples } from '../../dist/simulate/quantize-samples.js';
import { argMax } from '../../dist/validate/metrics.js';
import { divergences, floatLogits } from '../test-divergence.mjs';
import { setSamples } from './experiments.mjs';
import { planFromRandomSteps } from './search-bench.mjs';

/** `test` may be cut to its first `testSamples`. */
export async function openStudy({ model: path, calibration, test, testSamples }, pool) {
  const model = await loadModel(path);
  const calibrationSet = matchDataset(await loadDataset(calibration), model.graph);
  const testSet = matchDataset(await loadDataset(test), model.graph);
  const count = Math.min(testSamples ?? testSet.samples, testSet.samples);
  const [float] = await runFloatModel(model.bytes, testSet, { count });
  const judged = {
    inputs: await testSet.read(0, count),
    labels: testSet.labels,
    count,
    float: floatLogits(model.graph, float.data),
  };
  const calibrated = new Map();
  return {
    name: basename(path, '.onnx'),
    count,
    /** Plan and measures of one experiment. */
    async run(experiment) {
      const profile = getProfile(experiment.profile);
      const { graph, options } = prepareModel(model.graph, profile, experiment.options);
      const own = await calibrationOf(calibrated, graph, model.graph, calibrationSet, experiment);
      const { statistics, inputs, lossSamples } = own;
      const data = { inputs, labels: null, metric: calibrationSet.metric, lossSamples };
      const quantize = experiment.randomStart ? planFromRandomSteps : quantizeModel;
      const { plan, loss, evaluations } = await quantize(graph, statistics, data, profile, options, pool);
      return { loss, evaluations, ...(await measure(graph, plan, profile, judged, pool)) };
    },
    async calibration(samples) {
      const request = { samples, set: 1, options: { blend: 0 } };
      return {
        graph: model.graph,
        ...(await calibrationOf(calibrated, model.graph, model.graph, calibrationSet, request)),
      };
    },
  };
}

/** Statistics of the untouched graph are kept; a method's own graph is calibrated for its one run. */
async function calibrationOf(kept, graph, original, dataset, { samples, set, options: { blend } }) {
  const first = (set - 1) * setSamples;
  const own = { ...dataset, samples, read: (start, count) => dataset.read(first + start, count) };
  const make = async () => ({
    statistics: await calibrate(graph, own, { samples }),
    inputs: own,
    lossSamples: await blendedSamples(graph, own, samples, blend),
  });
  if (graph !== original) return make();
  const key = `${set} ${samples} ${blend}`;
  if (!kept.has(key)) kept.set(key, await make());
  return kept.get(key);
}

async function measure(graph, plan, profile, { inputs, labels, count, float }, pool) {
  const program = lower(cutEpilogue(graph, profile).graph, plan, profile);
  const value = logitsOf(graph, graph.outputs[0]);
  const index = program.tensors.findIndex(({ name }) => name === value);
  const ports = program.inputs.map((tensor, port) => ({ tensor: program.tensors[tensor], samples: inputs[port] }));
  await pool.setInputs(quantizeSamples(ports, profile.quantizeInput));
  const [codes] = await pool.run(pack(program), { tensors: [index] });
  const width = float.length / count;
  const lost = new Float64Array(count);
  let right = 0;
  for (let sample = 0; sample < count; sample++) {
    const quantizedRight = argMax(codes, sample * width, width) === labels[sample] ? 1 : 0;
    const floatRight = argMax(float, sample * width, width) === labels[sample] ? 1 : 0;
    right += quantizedRight;
    lost[sample] = floatRight - quantizedRight;
  }
  return {
    testSamples: count,
    accuracy: right / count,
    drop: meanAndError(lost),
    divergence: meanAndError(divergences(program.tensors[index], codes, float, count)),
  };
}

/** The standard error is that of the paired differences: both models saw the same samples. */
function meanAndError(values) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const square = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
  return { mean, error: Math.sqrt(square / values.length) };
}
