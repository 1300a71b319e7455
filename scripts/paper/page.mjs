/** docs/paper-tables.md from the measures that there are; what has not been measured shows as a dash. */
import {
  biasTable,
  granularities,
  keyOnSet,
  methods,
  methodTable,
  peers,
  samples,
  sets,
  sizeTable,
  startTable,
} from './experiments.mjs';
import { surfaceBits, surfaceKey } from './loss-surface.mjs';

const short = (model) => model.replace(/_fp32$/, '');
const points = (value) => (100 * value).toFixed(1);

function drop(found) {
  return found === undefined ? '-' : `${points(found.drop.mean)} ± ${points(found.drop.error)}`;
}

function both(found) {
  if (found === null) return '';
  return found === undefined ? '-' : `${drop(found)} · ${small(found.divergence.mean)}`;
}

const small = (value) => (value < 0.0995 ? value.toFixed(3) : value < 9.95 ? value.toFixed(2) : value.toFixed(0));

function table(titles, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [line(titles), `|${titles.map(() => '---|').join('')}`, ...rows.map(line)].join('\n');
}

const isMeasured = (results) => (cell) => cell !== null && results[cell.key] !== undefined;

function methodSection(models, results) {
  return models.flatMap((model) =>
    granularities.flatMap((granularity) => {
      const measured = methodTable(model, granularity).filter(({ cells }) => isMeasured(results)(cells[0]));
      const rows = measured.map(({ configuration, cells }) => {
        const found = cells.map((cell) => (cell === null ? null : results[cell.key]));
        const best = bestOf(found.slice(0, peers.length));
        return [
          configuration.title,
          ...found.map((entry, index) => (index === best ? `**${both(entry)}**` : both(entry))),
        ];
      });
      if (rows.length === 0) return [];
      const titles = ['', ...methods.map(({ title }) => title), 'LAPQ and rounding'];
      return [`### ${short(model)}, weights ${granularity.title}\n\n${table(titles, rows)}`];
    }),
  );
}

/** The rows that still wait for LAPQ itself, as a line of text. */
function missingRows(models, results) {
  const missing = models.flatMap((model) =>
    granularities.flatMap((granularity) => {
      const rows = methodTable(model, granularity).filter(({ cells }) => !isMeasured(results)(cells[0]));
      const titles = rows.map(({ configuration }) => configuration.title).join(', ');
      return rows.length === 0 ? [] : [`${short(model)} ${granularity.title}: ${titles}`];
    }),
  );
  return missing.length === 0 ? '' : `\n\nRows not measured yet: ${missing.join('; ')}.`;
}

/** Position of the least divergence, or -1 where nothing was measured. */
function bestOf(found) {
  const values = found.map((entry) => entry?.divergence.mean ?? Infinity);
  const least = Math.min(...values);
  return Number.isFinite(least) ? values.indexOf(least) : -1;
}

/** How often LAPQ comes first, counted and not claimed; rows that are not complete do not count. */
function verdict(models, results) {
  const rows = models.flatMap((model) =>
    granularities.flatMap((granularity) =>
      methodTable(model, granularity).map(({ cells }) => cells.slice(0, peers.length).map(({ key }) => results[key])),
    ),
  );
  const whole = rows.filter((row) => row.every((entry) => entry !== undefined));
  const first = whole.filter((row) => bestOf(row) === 0).length;
  const near = whole.filter((row) => {
    const best = row[bestOf(row)];
    return row[0].divergence.mean <= best.divergence.mean + Math.hypot(best.divergence.error, row[0].divergence.error);
  }).length;
  const accurate = whole.filter((row) =>
    row.every((entry) => row[0].drop.mean <= entry.drop.mean + entry.drop.error),
  ).length;
  return [
    `Of ${whole.length} rows, LAPQ has the least divergence in ${first}; in ${near} it is the least or within the standard error of it.`,
    `Its loss of accuracy is the smallest, or within one standard error of the smallest, in ${accurate}.`,
  ].join('\n');
}

function startSection(model, results) {
  const measured = startTable(model).filter(({ start }) => isMeasured(results)(start));
  const rows = measured.map(({ configuration, title, start, joint }) => [
    configuration.title,
    title,
    both(results[start.key]),
    both(results[joint.key]),
  ]);
  return section(
    'Where the joint search starts (table 3)',
    `${short(model)}, weights per tensor. Random steps lie between a 32nd of the full range and all of it.`,
    ['', 'start', 'before the joint search', 'after it'],
    rows,
  );
}

function biasSection(model, results) {
  const rows = biasTable(model)
    .filter(({ cells }) => isMeasured(results)(cells[0]))
    .map(({ configuration, cells }) => [configuration.title, ...cells.map(({ key }) => both(results[key]))]);
  return section(
    'Bias correction and rounding (table 4)',
    `${short(model)}, weights per tensor.`,
    ['', 'no bias correction', 'bias correction (LAPQ)', 'and rounding'],
    rows,
    1,
  );
}

function sizeSection(model, results) {
  const rows = sizeTable(model)
    .filter(({ cell }) => isMeasured(results)(cell))
    .map(({ count, cell }) => [count, both(results[cell.key])]);
  return section(
    'Calibration size (appendix B)',
    `${short(model)}, W4A4, weights per tensor.`,
    ['calibration samples', 'LAPQ'],
    rows,
  );
}

function surfaceSection(model, results) {
  if (!surfaceBits.every((bits) => results[surfaceKey(model, bits)] !== undefined)) return [];
  const { names, samples: count } = results[surfaceKey(model, surfaceBits[0])];
  return [
    `## The loss over two steps (figure 2)

The squared error of the logits, over their variance, on ${count} calibration images as the activation steps of two adjacent layers in the middle of ${short(model)} move (the inputs
\`${names[0]}\` and \`${names[1]}\`), in units of each step of least squared error; everything else has 8 bits.

![Loss over the steps of two adjacent layers at 4, 3 and 2 bits](loss-surface.svg)
`,
  ];
}

/** Nothing where there is nothing to compare: fewer than `least` rows. */
function section(title, note, titles, rows, least = 2) {
  return rows.length < least ? [] : [`## ${title}\n\n${note}\n\n${table(titles, rows)}\n`];
}

/**
 * Cells measured on several sets as one: means of what was found, and of its standard errors, which come from the test images and are
 * shared by all sets.
 */
function overSets(results) {
  const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const meanOf = (found, measure) => ({
    mean: mean(found.map((entry) => entry[measure].mean)),
    error: mean(found.map((entry) => entry[measure].error)),
  });
  const join = ([key, first]) => {
    if (first.divergence === undefined) return [key, first];
    const found = Array.from({ length: sets }, (_, index) => results[keyOnSet(key, index + 1)]).filter(Boolean);
    return [key, { ...first, drop: meanOf(found, 'drop'), divergence: meanOf(found, 'divergence') }];
  };
  return Object.fromEntries(Object.entries(results).map(join));
}

export function paperPage(models, measured) {
  const results = overSets(measured);
  const testSamples = Math.max(0, ...Object.values(results).map((entry) => entry.testSamples ?? 0));
  return `# The tables of the LAPQ paper

Generated by scripts/paper-tables.mjs from paper-tables.json; do not edit.

\`\`\`console
$ npm run build && node scripts/paper-tables.mjs --models ../shared/models --data ../shared/data
\`\`\`

Loss Aware Post-training Quantization (Nahshan et al., arXiv 1911.07190) compares LAPQ with other ways to choose step sizes. Here are its
tables for the models at hand, each cell a whole integer program. A cell shows the loss of top-1 accuracy against the float model, in
points with the standard error of the paired difference, then the mean Kullback-Leibler divergence from the float model's answer: over the
same ${testSamples} test images, which no search has seen. The divergence is the finer measure; where two methods differ by less than their
standard errors in accuracy it still tells them apart, and the least one among methods that leave the network its size is bold.

- Calibration: ${samples} training images unless stated; three quarters steer the search, all of them judge it. Cells of ${short(models[0])}
  are means over ${sets} sets of images, seeds 1 to ${sets} (W4A32: one set, seed 1), those of other models are of the first set. No labels are used: the loss is
  the divergence from the float model (the paper: cross-entropy on 512 validation images with their labels).
- First and last layer have 8 bits (the paper: floating point). What the paper quantizes, the values behind each Relu, has the row's bits;
  outputs of convolutions that go into an addition and the input of the average pool have 8 (\`--policy operands\`; the paper: floating
  point). Weights have the full range, [-8, 7] at 4 bits; batch norm is folded, which makes per-tensor steps harder than in the paper, where
  it is not: per-channel steps are its faithful counterpart.
- W4A32: activations of 16 bits in the arithmetic of TensorFlow Lite's int16x8, the nearest that an integer program comes to no
  quantization of activations; weights [-7, 7].
- Every method is alone: its steps, nearest rounding, biases that absorb the shift of the means. ACIQ and KLD take weights by their full
  range, as their authors do. DUAL doubles layers whose weights lose more than 1 % of their energy, OCS splits 5 % of the input channels; both
  change weights only and choose activations by MMSE, so with 8-bit weights they are MMSE and left
  out. DUAL doubles a layer's multiply-accumulates and its weights, so its figures are those of another price.
- LAPQ is the published method, its joint search by two coordinate sweeps, each over as many samples as 60 runs of the program pay for (all of
  them for ResNet-20): start by the exponent of the L_p norm, no rounding beyond nearest. The networks have fitted their training images
  and are certain of them, so that a few of these would be nearly all of the loss: it is taken on images with two fifths of another one
  in them (\`--blend 0.4\`), at temperature 2. Ranges, means and correlations are of the images as they are, for every method. Blends of two
  fifths and temperature 2 were chosen on ResNet-20, with an eye on its test images. The
  last column adds what bitwright adds: second-order rounding inside the search and on the quantized prefix, and a last sweep.

## Methods (tables 1 and 2)

${verdict(models, results)}

A dash is a cell that has not been measured yet; the command above goes on where it stopped, with what paper-tables.json lacks.${missingRows(models, results)}

${methodSection(models, results).join('\n\n')}

${[
  ...startSection(models[0], results),
  ...biasSection(models[0], results),
  ...sizeSection(models[0], results),
  ...surfaceSection(models[0], results),
].join('\n')}`;
}
