/**
 * What the paper's tables ask, as a list of experiments: each is one quantization with its own key, under which its measures are kept.
 * The paper leaves additions in floating point; here they are integers, 8 bits wide on the side of the convolutions (policy `operands`):
 * what the paper quantizes, values behind a Relu, has the row's bits. First and last layer have 8 bits (the paper: floating point).
 */
import { defaultOptions } from '../../dist/search/quantize-model.js';

export const samples = 256;
/** Calibration sets, one after the other in the training images: a cell of the first model is measured on each, with a seed of its own. */
export const sets = 3;
/** Images from the start of one set to that of the next. */
export const setSamples = 1024;

/** Bits by the paper's name of the row. Without activation quantization means 16 bits, in the arithmetic of TensorFlow Lite's int16x8. */
export const configurations = [
  { title: 'W8A4', weights: 8, activations: 4 },
  { title: 'W8A3', weights: 8, activations: 3 },
  { title: 'W8A2', weights: 8, activations: 2 },
  { title: 'W4A32', weights: 4, activations: 16 },
  { title: 'W4A4', weights: 4, activations: 4 },
];

/** Each alone: nearest rounding, and biases that absorb the shift of the means, for all of them alike. */
export const methods = [
  { title: 'LAPQ', method: 'lapq' },
  { title: 'MMSE', method: 'mmse' },
  { title: 'ACIQ Laplace', method: 'aciq-laplace' },
  { title: 'ACIQ Gauss', method: 'aciq-gauss' },
  { title: 'KLD', method: 'kld' },
  // These grow the network.
  { title: 'DUAL', method: 'dual' },
  { title: 'OCS', method: 'ocs' },
];

/** Methods that leave the network as large as it is: the ones that LAPQ is held against. */
export const peers = methods.filter(({ method }) => !['dual', 'ocs'].includes(method));

export const granularities = [
  { title: 'per tensor', perChannel: false },
  { title: 'per channel', perChannel: true },
];

export const calibrationSizes = [64, 128, 256, 512, 1024];

/**
 * LAPQ as published, its joint search by two coordinate sweeps: nearest rounding, no rounding pass and no sweep of activations behind it.
 * The networks have fitted their training images, of which calibration takes some: a few of these are all of the loss. So the loss is
 * of images with two fifths of another one in them, at temperature 2. (The paper draws its calibration images from the validation set.)
 */
const publishedStart = 'layer-wise and quadratic';
const published = {
  rounding: 'nearest',
  rounds: 0,
  optimizer: 'sweep',
  shares: [1, 1],
  sweepPasses: 60,
  temperature: 2,
  blend: 0.4,
};

function experiment(model, { title, weights, activations }, { perChannel, title: granularity }, name, changes = {}) {
  const { samples: count = samples, randomStart = false, ...patch } = changes;
  const plain = defaultOptions(weights, activations);
  const edges = activations === 16 ? 16 : 8;
  return {
    key: [model, granularity, title, name, ...(count === samples ? [] : [`${count} samples`])].join(' | '),
    model,
    profile: activations === 16 ? 'int16x8' : 'cmsis-nn',
    samples: count,
    set: 1,
    randomStart,
    options: {
      ...plain,
      ...published,
      ...patch,
      perChannel,
      bits: { ...plain.bits, policy: 'operands', edges: 8, ...(edges === 16 ? { activations: 16 } : {}) },
    },
  };
}

/** Whether a method does something of its own: DUAL and OCS change weights, and 8-bit weights need no help. */
const applies = (entry, { weights }) => weights < 8 || peers.includes(entry);

/** Tables 1 and 2: every method in every configuration, and LAPQ with the rounding that bitwright adds; null where there is nothing to it. */
export function methodTable(model, granularity) {
  return configurations.map((configuration) => ({
    configuration,
    cells: [
      ...methods.map((entry) =>
        applies(entry, configuration)
          ? experiment(model, configuration, granularity, entry.title, { method: entry.method })
          : null,
      ),
      configuration.weights < 8
        ? experiment(model, configuration, granularity, 'LAPQ and rounding', { rounding: 'gram', rounds: 1 })
        : null,
    ],
  }));
}

/** Table 3: where the joint search starts. */
export function startTable(model) {
  const starts = [
    { title: 'random', changes: { randomStart: true } },
    { title: 'layer-wise (p = 2)', changes: { exponents: [2] } },
    { title: publishedStart, changes: {} },
  ];
  return ['W4A4', 'W8A2'].flatMap((name) => {
    const configuration = configurations.find(({ title }) => title === name);
    return starts.map(({ title, changes }) => ({
      configuration,
      title,
      start: experiment(model, configuration, granularities[0], `start ${title}`, { ...changes, optimizer: 'none' }),
      joint: experiment(
        model,
        configuration,
        granularities[0],
        title === publishedStart ? 'LAPQ' : `joint ${title}`,
        changes,
      ),
    }));
  });
}

/** Table 4: with and without bias correction, and what rounding behind the search adds. */
export function biasTable(model) {
  return ['W4A32', 'W4A4'].map((name) => {
    const configuration = configurations.find(({ title }) => title === name);
    const cell = (title, changes) => experiment(model, configuration, granularities[0], title, changes);
    return {
      configuration,
      cells: [
        cell('no bias correction', { correctBias: false }),
        cell('LAPQ', { method: 'lapq' }),
        cell('LAPQ and rounding', { rounding: 'gram', rounds: 1 }),
      ],
    };
  });
}

/** Appendix B: calibration samples. */
export function sizeTable(model) {
  const configuration = configurations.find(({ title }) => title === 'W4A4');
  return calibrationSizes.map((count) => ({
    count,
    cell: experiment(model, configuration, granularities[0], 'LAPQ', { method: 'lapq', samples: count }),
  }));
}

export const keyOnSet = (key, set) => (set === 1 ? key : `${key} | set ${set}`);

function onSet(cell, set) {
  return { ...cell, set, key: keyOnSet(cell.key, set), options: { ...cell.options, seed: set } };
}

/** Every experiment of the page on each of its sets; the ablations are the first model's. Activations of 16 bits are slow: one set. */
export function allExperiments(models, setsMax = sets) {
  const cells = models.flatMap((model, index) => [
    ...granularities.flatMap((granularity) => methodTable(model, granularity).flatMap((row) => row.cells)),
    ...(index > 0
      ? []
      : [
          ...startTable(model).flatMap((row) => [row.start, row.joint]),
          ...biasTable(model).flatMap((row) => row.cells),
          ...sizeTable(model).map((row) => row.cell),
        ]),
  ]);
  const once = [...new Map(cells.filter((cell) => cell !== null).map((cell) => [cell.key, cell])).values()];
  const setsOf = ({ model, profile }) => (model === models[0] && profile !== 'int16x8' ? setsMax : 1);
  return Array.from({ length: setsMax }, (_, index) => index + 1).flatMap((set) =>
    once.filter((cell) => set <= setsOf(cell)).map((cell) => onSet(cell, set)),
  );
}
