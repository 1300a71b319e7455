/** `bitwright quantize`: a float ONNX model to an integer package for a target. */
import { addDatasetOptions } from '../dataset-options.ts';
import { addFloatModelOptions, addSearchOptions, type PackageFlags } from '../package-options.ts';
import { openSearchJournal } from '../steps/search-journal.ts';
import { writePackage } from '../steps/write-package.ts';
import type { VerbDefinition } from '../verbs.ts';

interface QuantizeFlags extends PackageFlags {
  readonly method: string;
  readonly resume?: boolean;
}

export const quantize: VerbDefinition = {
  configure: (command) =>
    addSearchOptions(addDatasetOptions(addFloatModelOptions(command)), '--method').option(
      '--resume',
      'go on with the interrupted search of the same command, from OUT.journal.json beside OUT',
    ),
  run: async (context, [path], options) => {
    const flags = options as unknown as QuantizeFlags;
    const journal = await openSearchJournal(context, flags.output, flags.resume === true);
    return writePackage(context, path!, flags, flags.method, null, journal);
  },
};
