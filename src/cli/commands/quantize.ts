/** `bitwright quantize`: a float ONNX model to an integer package for a target. */
import { addDatasetOptions } from '../dataset-options.ts';
import { addFloatModelOptions, addSearchOptions, type PackageFlags } from '../package-options.ts';
import { writePackage } from '../steps/write-package.ts';
import type { VerbDefinition } from '../verbs.ts';

export const quantize: VerbDefinition = {
  configure: (command) => addSearchOptions(addDatasetOptions(addFloatModelOptions(command)), '--method'),
  run: async (context, [path], flags) => {
    const { method } = flags as { method: string };
    await writePackage(context, path!, flags as unknown as PackageFlags, method, null);
    return 0;
  },
};
