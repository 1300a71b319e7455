/** `bitwright targets`: what can be quantized for, or everything about one target. */
import { getProfile } from '../../arithmetic/registry.ts';
import type { Target } from '../../arithmetic/target.ts';
import { loadTarget, loadTargets } from '../../data/targets.ts';
import { formatBytes } from '../../report/format.ts';
import { textFacts, textTable } from '../../report/text-table.ts';
import type { CliContext } from '../context.ts';
import type { VerbDefinition } from '../verbs.ts';

export const targets: VerbDefinition = {
  configure: (command) => command.argument('[id]', 'one target in full').option(...targetsFolderOption),
  run: async (context, [id], { targets: folder }) => {
    const folders = folder === undefined ? [] : [folder as string];
    if (id === undefined) listTargets(context, await loadTargets(folders));
    else showTarget(context, await loadTarget(id, folders));
    return 0;
  },
};

/** Every verb that takes a target takes this too. */
export const targetsFolderOption = ['--targets <folder>', 'more target files, one JSON each'] as const;

function listTargets(context: CliContext, all: readonly Target[]): void {
  const rows = all.map((target) => [target.id, target.profile, target.weights.bits.join(' '), target.title]);
  const table = textTable([{ title: 'target' }, { title: 'profile' }, { title: 'weight bits' }, { title: '' }], rows);
  context.result({ schemaVersion: 1, targets: all }, table);
}

function showTarget(context: CliContext, target: Target): void {
  const { title, evidence } = getProfile(target.profile);
  const bytes = (value: number | null): string => (value === null ? 'as the host' : formatBytes(value));
  const facts: (readonly [string, string])[] = [
    ['target', `${target.id}: ${target.title}`],
    ['profile', `${target.profile}: ${title}`],
    ['core', target.core],
    ['weights', `${target.weights.bits.join(', ')} bits, ${target.weights.perChannel ? 'per channel' : 'per tensor'}`],
    ['activations', `${target.activations.bits.join(', ')} bits`],
    ['flash', bytes(target.memory.flashBytes)],
    ['RAM', bytes(target.memory.ramBytes)],
    ['emulator', target.emulator ?? 'none'],
    ['evidence', target.evidence],
    ...evidence.map(({ kind, source }) => ['', `${kind}: ${source}`] as const),
    ['note', target.note ?? ''],
  ];
  context.result({ schemaVersion: 1, target }, textFacts(facts));
}
