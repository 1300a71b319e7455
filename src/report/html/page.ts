/** The report as one HTML file: no scripts, nothing fetched, readable offline and in ten years. */
import { formatBytes, formatCount, formatReal, formatShare, shortBytes } from '../format.ts';
import type { ReportData } from '../report-data.ts';
import { divergenceSentence, verdictFacts } from '../verdict-facts.ts';
import { confusionTable } from './confusion-table.ts';
import { layerTable } from './layer-table.ts';
import { lossChart } from './line-chart.ts';
import { html, type Markup, section, tableMarkup } from './markup.ts';
import { memoryPicture } from './memory-picture.ts';
import { styleSheet } from './style.ts';
import { tensorTables } from './tensor-tables.ts';

export function reportPage(data: ReportData): string {
  const { manifest, verdict, search } = data;
  const names = data.tables.activations.map((row) => row.name);
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${manifest.model.name} for ${manifest.target}</title>
<style>${{ markup: styleSheet }}</style>
</head>
<body>
<main>
${pageHeader(data)}
${keyFigures(data)}
${section('Verdict', verdict === null ? null : verdictSection(data))}
${section(search === null ? '' : `Search: ${search.objective}`, search === null ? null : searchSection(data))}
${section('Layers', layerTable(data))}
${section('Memory plan', memoryPicture(data.program, names))}
${section('Confusion', data.confusion === null ? null : confusionTable(data.confusion))}
${section('Tensors', tensorTables(data.tables))}
${section('How it was made', provenance(data))}
</main>
</body>
</html>
`;
  return page.markup;
}

function pageHeader({ manifest, verdict }: ReportData): Markup {
  const outcome = verdict === null ? 'none' : verdict.outcome;
  const label = { pass: 'PASS', fail: 'FAIL', none: 'not validated' }[outcome];
  const where = verdict === null ? '' : ` · ran on ${verdict.device.id} (${verdict.device.evidence})`;
  return html`<header><h1>${manifest.model.name}</h1><span class="badge ${outcome}">${label}</span>
<p>target ${manifest.target} · profile ${manifest.profile.id} version ${manifest.profile.version}${where}</p></header>`;
}

function keyFigures({ manifest, verdict, quantized }: ReportData): Markup {
  const { memory } = manifest;
  const original = manifest.model.quantized ? 'ONNX Runtime' : 'float';
  const cards: (readonly [value: string, label: string])[] = [];
  if (verdict !== null) {
    cards.push([formatCount(verdict.mismatches), `mismatches in ${formatCount(verdict.compared)} output elements`]);
    if (verdict.accuracy.device !== null)
      cards.push([formatShare(verdict.accuracy.device), `${verdict.accuracy.metric} on the device`]);
    if (verdict.accuracy.float !== null)
      cards.push([formatShare(verdict.accuracy.float), `${verdict.accuracy.metric} in ${original}`]);
    if (verdict.cost !== null && verdict.cost.unit !== 'nanoseconds') {
      cards.push([formatCount(verdict.cost.max), `${verdict.cost.unit} per inference`]);
    }
  } else if (quantized !== null) {
    cards.push([formatShare(quantized.quantized), `${quantized.metric} quantized (when it was made)`]);
    cards.push([formatShare(quantized.float), `${quantized.metric} in ${original} (when it was made)`]);
  }
  cards.push(
    [shortBytes(memory.arenaBytes), `arena (${formatCount(memory.arenaBytes)} B)`],
    [shortBytes(memory.programBytes), `program (${formatCount(memory.programBytes)} B)`],
    [shortBytes(memory.weightBytes), `weights (${formatCount(memory.weightBytes)} B)`],
    [formatCount(manifest.macs), 'multiply-accumulates'],
  );
  return html`<div class="cards">${cards.map(([value, label]) => html`<div class="card"><b>${value}</b><span>${label}</span></div>`)}</div>`;
}

function verdictSection({ verdict }: ReportData): Markup {
  const divergence = divergenceSentence(verdict!);
  const gates = verdict!.gates.map(({ gate, outcome, message }) => [
    gate,
    html`<span class="${outcome}">${outcome}</span>`,
    message,
  ]);
  return html`${tableMarkup(['Gate', 'Outcome', 'Detail'], gates)}
${divergence === null ? null : html`<p class="divergence">${divergence}</p>`}
<details><summary>All figures of the run</summary>${tableMarkup(['Figure', 'Value'], verdictFacts(verdict!))}</details>`;
}

function searchSection({ search }: ReportData): Markup | null {
  const { objective, steps } = search!;
  const chart = lossChart(
    objective,
    steps.map(({ loss }) => loss),
  );
  const rows = steps.map(({ phase, detail, loss }) => [phase, detail, Number.isNaN(loss) ? '-' : formatReal(loss)]);
  return html`${chart}${chart === null ? null : html`<p class="note">Dots are the steps of the table, the line is the best so far; the scale is logarithmic.</p>`}
${tableMarkup(['Phase', 'Step', 'Loss'], rows, ['Loss'])}`;
}

function provenance({ manifest }: ReportData): Markup {
  const flat = (record: Readonly<Record<string, unknown>>): [string, string][] =>
    Object.entries(record).map(([key, value]) => [key, typeof value === 'string' ? value : JSON.stringify(value)]);
  const files = Object.entries(manifest.files).map(([name, { bytes, sha256 }]) => [
    name,
    formatBytes(bytes),
    html`<code>${sha256}</code>`,
  ]);
  return html`${tableMarkup(['Option', 'Value'], [['model sha256', manifest.model.sha256], ...flat(manifest.options), ['bitwright', manifest.bitwright], ...flat(manifest.environment)])}
<details><summary>Files and their hashes</summary>${tableMarkup(['File', 'Size', 'SHA-256'], files, ['Size'])}</details>`;
}
