/** The memory plan as a picture: time (operations) to the right, arena addresses upwards, one rectangle per tensor. */
import type { IntegerProgram } from '../../graph/integer-program.ts';
import { formatBytes, formatShape } from '../format.ts';
import { storageLifetimes } from '../storage-lifetimes.ts';
import { html, type Markup } from './markup.ts';

const width = 1000;
const height = 320;
const left = 66;
const bottom = 30;
const top = 8;

/** `names` gives the model's name of each program tensor. */
export function memoryPicture(program: IntegerProgram, names: readonly string[]): Markup {
  const steps = program.operations.length + 2;
  const x = (step: number): number => left + ((width - left) * (step + 1)) / steps;
  const y = (bytes: number): number => top + (height - top - bottom) * (1 - bytes / program.arenaBytes);
  const blocks = storageLifetimes(program).map(({ tensor, offsetBytes, sizeBytes, first, last }) => {
    const { shape, dtype } = program.tensors[tensor]!;
    const name = names[tensor] ?? `t${tensor}`;
    const label = `${name}: ${formatShape(shape)} ${dtype}, ${formatBytes(sizeBytes)} at ${offsetBytes}`;
    const wide = x(last + 1) - x(first);
    const tall = y(offsetBytes) - y(offsetBytes + sizeBytes);
    return html`<rect class="block" x="${x(first).toFixed(1)}" y="${y(offsetBytes + sizeBytes).toFixed(1)}" width="${wide.toFixed(1)}" height="${tall.toFixed(1)}" fill="${colour(tensor)}"><title>${label}</title></rect>${inscription(name, x(first), y(offsetBytes), wide, tall)}`;
  });
  const scratch = program.arenaBytes - program.scratchBytes;
  const ticks = [0, 0.25, 0.5, 0.75, 1].map((part) => Math.round(part * program.arenaBytes));
  return html`<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="Arena use over the operations">
${ticks.map((tick) => html`<line class="axis" x1="${left}" x2="${width}" y1="${y(tick).toFixed(1)}" y2="${y(tick).toFixed(1)}"/><text x="${left - 8}" y="${(y(tick) + 4).toFixed(1)}" text-anchor="end">${tick}</text>`)}
${blocks}
${program.scratchBytes === 0 ? null : html`<rect x="${x(0).toFixed(1)}" width="${(x(steps - 2) - x(0)).toFixed(1)}" y="${y(program.arenaBytes).toFixed(1)}" height="${(y(scratch) - y(program.arenaBytes)).toFixed(1)}" fill="#88888855"><title>scratch: ${formatBytes(program.scratchBytes)}</title></rect>`}
<text x="${left}" y="${height - 8}">input</text><text x="${width}" y="${height - 8}" text-anchor="end">output, after ${program.operations.length} operations</text>
</svg>
<p class="note">Each rectangle is one tensor: as high as its bytes, as wide as it must be kept. Its name, shape and address show when the pointer rests on it. Grey is scratch.</p>`;
}

/** The name inside the rectangle, where it fits. */
function inscription(name: string, x: number, yBottom: number, wide: number, tall: number): Markup | null {
  if (tall < 15 || name.length * 6.2 > wide - 8) return null;
  const middle = (yBottom - tall / 2 + 4).toFixed(1);
  return html`<text class="inside" x="${(x + wide / 2).toFixed(1)}" y="${middle}" text-anchor="middle">${name}</text>`;
}

/** Neighbouring indices get distant hues: the golden angle. */
function colour(index: number): string {
  return `hsl(${Math.round((index * 137.508 + 210) % 360)} 52% 56%)`;
}
