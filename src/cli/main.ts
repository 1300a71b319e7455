#!/usr/bin/env node
/** The entry of the command line: finds the verb, runs it, and turns what happens into output and an exit code. */
import { Command, CommanderError } from 'commander';
import { BitwrightError, errorExitCodes } from '../base/errors.ts';
import { createContext, type InterruptibleContext } from './context.ts';
import { describeFailure } from './failure.ts';
import { type VerbOptions, verbs } from './verbs.ts';
import { packageVersion } from './version.ts';

/** How long cleanups may take after an interrupt. */
const cleanupMs = 3000;

async function main(argv: readonly string[]): Promise<number> {
  const json = argv.includes('--json');
  let exitCode = 0;
  const program = new Command('bitwright')
    .description('Float ONNX in, integer-only hardware out, with proof.')
    .version(packageVersion(), '--version')
    .helpCommand(false)
    .exitOverride();
  const operands = argv.filter((argument) => !argument.startsWith('-'));
  const wanted = operands[0] === 'help' ? operands[1] : operands[0];
  for (const verb of verbs) {
    const command = program.command(verb.name).summary(verb.summary).description(verb.summary).exitOverride();
    if (verb.name !== wanted) continue;
    const definition = await verb.load();
    definition.configure(command);
    command
      .option('--json', 'one JSON document on stdout, everything else on stderr')
      .option('--quiet', 'no progress and no log lines')
      .showHelpAfterError('(bitwright VERB --help shows the options)')
      .action(async () => {
        const options = command.opts<VerbOptions>();
        const context = createContext({ json, quiet: options.quiet === true });
        const release = handleSignals(context);
        try {
          exitCode = await definition.run(context, command.args, options);
        } finally {
          release();
        }
      });
  }
  if (json) program.commands.forEach(silence);
  if (operands[0] === 'help') return showHelp(program, wanted);
  try {
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return 0;
    throw usageError(error, json);
  }
  return exitCode;
}

function showHelp(program: Command, wanted: string | undefined): number {
  const command = program.commands.find((candidate) => candidate.name() === wanted) ?? program;
  process.stdout.write(command.helpInformation());
  return 0;
}

/** Commander has already told a human what is wrong; a machine gets the document. */
function usageError(error: CommanderError, json: boolean): BitwrightError {
  const message = error.message.replace(/^error: /, '');
  return new BitwrightError('USAGE', { message }, { cause: json ? error : alreadyShown });
}

const alreadyShown = Symbol('shown by commander');

function silence(command: Command): void {
  command.configureOutput({ writeErr: () => {} });
}

/** A signal cleans up and exits 130, another one does not wait. Work that can end with what it has is asked to do so before. */
function handleSignals(context: InterruptibleContext): () => void {
  let seen = 0;
  const onSignal = (): void => {
    if (context.stopGently()) return;
    seen++;
    if (seen > 1) process.exit(errorExitCodes.INTERRUPTED);
    setTimeout(() => process.exit(errorExitCodes.INTERRUPTED), cleanupMs);
    context.warn('\ninterrupted');
    void context.interrupt().finally(() => process.exit(errorExitCodes.INTERRUPTED));
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return () => {
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
  };
}

/** Waits until stdout has taken everything: a pipe may still hold the document. */
function exit(code: number): void {
  process.stdout.write('', () => process.exit(code));
}

// A reader that went away (`bitwright ... | head`) is no error of ours.
process.stdout.on('error', () => process.exit(0));

const argv = process.argv.slice(2);
main(argv).then(exit, (thrown: unknown) => {
  // The signal handler cleans up and ends the process.
  if (thrown instanceof BitwrightError && thrown.code === 'INTERRUPTED') return;
  const failure = describeFailure(thrown);
  const shown = thrown instanceof BitwrightError && thrown.cause === alreadyShown;
  if (!shown) process.stderr.write(`${failure.text}\n`);
  if (argv.includes('--json')) process.stdout.write(`${JSON.stringify(failure.document, null, 2)}\n`);
  exit(failure.exitCode);
});
