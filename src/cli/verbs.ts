/** The verbs of the command line in the order of the help text. A verb's own file is loaded only when it is called, so that help is instant. */
import type { Command } from 'commander';
import type { CliContext } from './context.ts';

/** Options as commander collects them; each verb states the type of its own. */
export type VerbOptions = Readonly<Record<string, unknown>>;

export interface VerbDefinition {
  /** Declares arguments and options. */
  configure(command: Command): void;
  /** Does the work; the exit code: 0, or 1 where a gate failed. Everything else is thrown. */
  run(context: CliContext, operands: readonly string[], options: VerbOptions): Promise<number>;
}

export interface Verb {
  readonly name: string;
  readonly summary: string;
  readonly load: () => Promise<VerbDefinition>;
}

export const verbs: readonly Verb[] = [
  {
    name: 'export',
    summary: 'write a package as ONNX, C, Intel HEX or UF2',
    load: async () => (await import('./commands/export.ts')).exportVerb,
  },
  {
    name: 'targets',
    summary: 'list the targets, or show one',
    load: async () => (await import('./commands/targets.ts')).targets,
  },
];
