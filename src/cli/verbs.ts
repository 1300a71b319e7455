/** The verbs of the command line in the order of the help text. A verb's own file is loaded only when it is called, so that help is instant. */
import type { Command } from 'commander';
import type { CliContext } from './context.ts';

/** Options as commander collects them; each verb states the type of its own. */
export type VerbOptions = Readonly<Record<string, unknown>>;

export interface VerbDefinition {
  /** Declares arguments and options. */
  configure(command: Command): void;
  /** Does the work; the exit code: 0, 1 where a gate failed, 130 where an interrupt was met with what there was. Everything else is thrown. */
  run(context: CliContext, operands: readonly string[], options: VerbOptions): Promise<number>;
}

export interface Verb {
  readonly name: string;
  readonly summary: string;
  readonly load: () => Promise<VerbDefinition>;
}

export const verbs: readonly Verb[] = [
  {
    name: 'demo',
    summary: 'quantize, push and prove a model on an emulated Raspberry Pi Pico',
    load: async () => (await import('./commands/demo.ts')).demo,
  },
  {
    name: 'inspect',
    summary: 'list what a model needs: supported, rewritten, rejected and why; MACs and memory',
    load: async () => (await import('./commands/inspect.ts')).inspect,
  },
  {
    name: 'quantize',
    summary: 'make an integer package of a float ONNX model',
    load: async () => (await import('./commands/quantize.ts')).quantize,
  },
  {
    name: 'finetune',
    summary: 'quantize with training towards the integer grid',
    load: async () => (await import('./commands/finetune.ts')).finetune,
  },
  {
    name: 'compile',
    summary: 'make an integer package of a model that is quantized already',
    load: async () => (await import('./commands/compile.ts')).compile,
  },
  {
    name: 'validate',
    summary: 'prove a device against the simulation, bit for bit, and judge the gates',
    load: async () => (await import('./commands/validate.ts')).validate,
  },
  {
    name: 'bench',
    summary: 'count cycles or instructions per layer on a device',
    load: async () => (await import('./commands/bench.ts')).bench,
  },
  {
    name: 'export',
    summary: 'write a package as ONNX, C, Intel HEX or UF2',
    load: async () => (await import('./commands/export.ts')).exportVerb,
  },
  {
    name: 'conformance',
    summary: 'run operator vectors on an engine or a board',
    load: async () => (await import('./commands/conformance.ts')).conformance,
  },
  {
    name: 'report',
    summary: 'write the report of a package and its last validation again',
    load: async () => (await import('./commands/report.ts')).report,
  },
  {
    name: 'targets',
    summary: 'list the targets, or show one',
    load: async () => (await import('./commands/targets.ts')).targets,
  },
  {
    name: 'devices',
    summary: 'list the devices and whether they can be used here',
    load: async () => (await import('./commands/devices.ts')).devices,
  },
  {
    name: 'doctor',
    summary: 'check this machine: Node, engines, emulators, serial ports',
    load: async () => (await import('./commands/doctor.ts')).doctor,
  },
];
