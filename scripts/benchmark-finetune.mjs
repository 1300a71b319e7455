/**
 * Fine-tuning results and speed. After `npm run build`:
 *   node scripts/benchmark-finetune.mjs table --model M.onnx --train D.json (--test D.json | --validation COUNT)
 *        [--configurations w4a4,w2a4,binary] [--methods alpha-blending,straight-through] [--seeds 1,2,3] [--steps 600]
 *        [--start lapq] [--policy all] [--set JSON]
 *   node scripts/benchmark-finetune.mjs speed --model resnet8.onnx [--batch 32] [--python PYTHON-WITH-TORCH]
 * `table` prints Markdown rows: accuracy of the packed integer program on the test set and its divergence from the float model, before
 * and after tuning, mean and spread over seeds; with --validation on the last COUNT samples of the training set, which then train nothing: settings are chosen that way, never
 * on the test set. --set takes settings of `finetune`, or an array of them, each a row. `speed` times training steps, against PyTorch where a Python that has it is named; its network is the ResNet-8 of MLPerf Tiny.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { getProfile } from '../dist/arithmetic/registry.js';
import { calibrate } from '../dist/calibrate/calibrate.js';
import { createFloatEngine } from '../dist/calibrate/float-engine.js';
import { loadDataset } from '../dist/data/load-dataset.js';
import { matchDataset } from '../dist/data/match-dataset.js';
import { finetune } from '../dist/finetune/finetune.js';
import { finetuneDefaults } from '../dist/finetune/finetune-options.js';
import { createJudge } from '../dist/finetune/judge.js';
import { clipFactor, sgdStep } from '../dist/finetune/optimizer.js';
import { createTrainer } from '../dist/finetune/trainer.js';
import { logitsOf } from '../dist/lower/epilogue.js';
import { importOnnx } from '../dist/onnx/import-onnx.js';
import { weightedOps } from '../dist/quantize/weighted-nodes.js';
import { rewrite } from '../dist/rewrites/rewrite.js';
import { defaultOptions, quantizeModel } from '../dist/search/quantize-model.js';
import { createSimulationPool } from '../dist/simulate/pool.js';

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    model: { type: 'string' },
    train: { type: 'string' },
    test: { type: 'string' },
    validation: { type: 'string' },
    profile: { type: 'string', default: 'cmsis-nn' },
    configurations: { type: 'string', default: 'w4a4,w2a4,binary' },
    methods: { type: 'string', default: 'alpha-blending,straight-through' },
    seeds: { type: 'string', default: '1,2,3' },
    steps: { type: 'string', default: '600' },
    start: { type: 'string', default: 'lapq' },
    policy: { type: 'string', default: 'all' },
    calibration: { type: 'string', default: '512' },
    set: { type: 'string', default: '{}' },
    batch: { type: 'string', default: '32' },
    threads: { type: 'string' },
    python: { type: 'string' },
  },
});

const torchProgram = fileURLToPath(new URL('./benchmark-finetune-torch.py', import.meta.url));
const bitsOf = { w4a4: [4, 4], w2a4: [2, 4], binary: [2, 4] };
const graph = rewrite(importOnnx(readFileSync(flags.model), { name: flags.model }));
const logits = logitsOf(graph, graph.outputs[0]);
const weighted = graph.nodes.filter((node) => weightedOps.has(node.op));
const percent = (value) => (100 * value).toFixed(2);

/** What trains and judges, and what the table is about. */
async function split() {
  const training = await loadDataset(flags.train);
  if (flags.validation === undefined) return { training, unseen: await loadDataset(flags.test) };
  const first = training.samples - Number(flags.validation);
  return { training: part(training, 0, first), unseen: part(training, first, training.samples) };
}

const part = (dataset, from, to) => ({
  ...dataset,
  samples: to - from,
  labels: dataset.labels?.slice(from, to) ?? null,
  read: (start, count) => dataset.read(from + start, count),
});

async function table() {
  const profile = getProfile(flags.profile);
  const { training, unseen } = await split();
  const test = matchDataset(unseen, graph);
  const pool = await createSimulationPool();
  const samples = Math.min(Number(flags.calibration), training.samples);
  const statistics = await calibrate(graph, training, { samples });
  const calibration = {
    inputs: { ...matchDataset(training, graph), samples },
    labels: training.labels?.slice(0, samples) ?? null,
    metric: training.metric,
  };
  const judge = await testJudge(test, profile, pool);
  const sets = [JSON.parse(flags.set)].flat();
  console.log(
    '| weights, activations | method | accuracy: start | tuned: mean (spread) | divergence: start | tuned | CPU s |',
  );
  console.log('|---|---|---|---|---|---|---|');
  for (const configuration of flags.configurations.split(',')) {
    const base = defaultOptions(...bitsOf[configuration]);
    const quantize = { ...base, method: flags.start, bits: { ...base.bits, policy: flags.policy } };
    const { plan } = await quantizeModel(graph, statistics, calibration, profile, quantize, pool);
    const before = await judge(plan);
    for (const method of flags.methods.split(',')) {
      const binaryNodes = configuration === 'binary' ? weighted.slice(1, -1).map((node) => node.name) : [];
      for (const set of sets) {
        if (sets.length > 1) console.log(JSON.stringify(set));
        const settings = { profile, method, binaryNodes, ...set };
        await tuneSeeds(settings, { configuration, plan, before, training, pool, judge });
      }
    }
  }
  await pool.close();
}

async function tuneSeeds(settings, { configuration, plan, before, training, pool, judge }) {
  const results = [];
  const started = process.cpuUsage();
  const seeds = flags.seeds.split(',').map(Number);
  for (const seed of seeds) {
    const options = {
      ...finetuneDefaults,
      steps: Number(flags.steps),
      batch: Number(flags.batch),
      seed,
      ...settings,
    };
    if (flags.threads !== undefined) options.threads = Number(flags.threads);
    const tuned = await finetune(graph, plan, training, options, { pool });
    results.push(await judge(tuned.plan));
  }
  const mean = (key) => results.reduce((sum, result) => sum + result[key], 0) / results.length;
  const accuracies = results.map(({ accuracy }) => accuracy);
  const spread = `${percent(Math.min(...accuracies))} to ${percent(Math.max(...accuracies))}`;
  const { user, system } = process.cpuUsage(started);
  const seconds = ((user + system) / 1e6 / seeds.length).toFixed(0);
  const accuracy = [percent(before.accuracy), `${percent(mean('accuracy'))} (${spread})`];
  const divergence = [before.loss, mean('loss')].map((loss) => loss.toFixed(3));
  const row = [configuration, settings.method, ...accuracy, ...divergence, seconds];
  console.log(`| ${row.join(' | ')} |`);
}

/** Accuracy of a plan on the whole test set; prints the float model's. */
async function testJudge(test, profile, pool) {
  const inputs = await test.read(0, test.samples);
  const engine = await createFloatEngine(graph, { outputs: [logits] });
  const reference = (await engine.run(inputs)).get(logits);
  await engine.close();
  const classes = reference.shape.at(-1);
  let right = 0;
  for (let row = 0; row < test.samples; row++) {
    const scores = reference.data.subarray(row * classes, (row + 1) * classes);
    if (scores.indexOf(Math.max(...scores)) === test.labels[row]) right++;
  }
  console.log(
    `float accuracy ${percent(right / test.samples)} on ${test.samples} samples; ${flags.steps} steps of ${flags.batch}`,
  );
  const common = { graph, profile, pool, inputs, logits, classes, labels: test.labels };
  return createJudge({ ...common, reference: reference.data, classifier: true, labelWeight: 0, distillationWeight: 1 });
}

/** One training step in float, the update included: what PyTorch is timed with too. */
async function timeSteps(batch, rounds) {
  const parameters = weighted.flatMap((node) => node.inputs.slice(1)).filter((name) => name !== '');
  const trainer = await createTrainer(
    graph,
    {
      batch,
      logits,
      parameters: new Set(parameters),
      losses: [{ loss: 'cross-entropy', weight: 1, temperature: 1 }],
      activations: new Map(),
      learnedSteps: new Map(),
    },
    flags.threads === undefined ? {} : { threads: Number(flags.threads) },
  );
  const masters = new Map(parameters.map((name) => [name, new Float32Array(graph.constants.get(name).data)]));
  const velocities = new Map(parameters.map((name) => [name, new Float32Array(masters.get(name).length)]));
  const units = Float32Array.of(1);
  const image = Float32Array.from({ length: batch * 3072 }, (_, index) => Math.sin(index));
  const target = new Float32Array(batch * 10);
  for (let row = 0; row < batch; row++) target[row * 10 + (row % 10)] = 1;
  const feeds = {
    inputs: new Map([[graph.inputs[0], { dtype: 'float32', shape: [batch, 3, 32, 32], data: image }]]),
    parameters: masters,
    steps: new Map(),
    targets: new Map([['cross-entropy', { dtype: 'float32', shape: [batch, 10], data: target }]]),
  };
  const times = [];
  let processor = process.cpuUsage();
  for (let round = 0; round < rounds + 5; round++) {
    if (round === 5) processor = process.cpuUsage();
    const start = performance.now();
    const { gradients } = await trainer.run(feeds);
    const moving = [...gradients].map(([name, gradient]) => ({ name, gradient, units }));
    const clip = clipFactor(moving, 1);
    for (const { name, gradient } of moving) {
      const sgd = { momentum: 0.9, nesterov: true, weightDecay: 0 };
      sgdStep(masters.get(name), velocities.get(name), gradient, units, 1e-6, clip, sgd);
    }
    times.push(performance.now() - start);
  }
  const { user, system } = process.cpuUsage(processor);
  await trainer.close();
  return { wall: times.slice(5).sort((a, b) => a - b), processor: (user + system) / 1000 / rounds };
}

/** Wall times depend on what else the machine does; processor time hardly does. */
async function speed() {
  const [batch, rounds] = [Number(flags.batch), 40];
  const times = await timeSteps(batch, rounds);
  const own = { median: times.wall[rounds / 2], best: times.wall[0], processor: times.processor };
  const line = ({ median, best, processor }) =>
    `median ${median.toFixed(1)} ms, best ${best.toFixed(1)} ms, processor ${processor.toFixed(1)} ms a step of ${batch}`;
  console.log(`bitwright: ${line(own)}`);
  if (flags.python === undefined) return;
  const argv = [torchProgram, String(batch), String(rounds), flags.threads ?? '0'];
  const run = spawnSync(flags.python, argv, { encoding: 'utf8' });
  if (run.status !== 0) throw new Error(run.stderr);
  const [median, best, processor, version, threads] = run.stdout.trim().split(' ');
  const torch = { median: Number(median), best: Number(best), processor: Number(processor) };
  console.log(`PyTorch ${version} with ${threads} threads: ${line(torch)}`);
  const ratios = Object.keys(own).map((kind) => `${kind} ${(torch[kind] / own[kind]).toFixed(2)}`);
  console.log(`steps per second, bitwright / PyTorch: ${ratios.join(', ')}`);
}

await { table, speed }[positionals[0]]();
