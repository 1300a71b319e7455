/** `bitwright export`: a package in another form, made from program.bin so that it is the program that was validated. */
import { basename, dirname, extname, join } from 'node:path';
import { BitwrightError } from '../../base/errors.ts';
import { exportC } from '../../package/export-c.ts';
import { exportHex } from '../../package/export-hex.ts';
import { exportUf2, uf2Families } from '../../package/export-uf2.ts';
import { formatBytes } from '../../report/format.ts';
import { choiceFlag, integerFlag } from '../flags.ts';
import { type LoadedPackage, loadPackage, readPackageFile } from '../steps/load-package.ts';
import { writeFiles } from '../steps/write-files.ts';
import type { VerbDefinition } from '../verbs.ts';

const formats = ['onnx', 'c', 'hex', 'uf2'] as const;
type Format = (typeof formats)[number];
type Family = keyof typeof uf2Families;

interface ExportOptions {
  readonly format: Format;
  readonly output: string;
  readonly address?: number;
  readonly family: Family;
}

export const exportVerb: VerbDefinition = {
  configure: (command) =>
    command
      .argument('<package>', 'folder that `quantize` wrote')
      .requiredOption('--format <format>', formats.join(' | '), choiceFlag('--format', formats))
      .requiredOption('-o, --output <file>', 'file to write; for c the header goes beside it')
      .option('--address <bytes>', 'where hex and uf2 place the program', integerFlag('--address', 0, 2 ** 32 - 16))
      .option(
        '--family <name>',
        `family id of uf2: ${Object.keys(uf2Families).join(', ')}`,
        choiceFlag('--family', Object.keys(uf2Families) as Family[]),
        'rp2040',
      ),
  run: async (context, [folder], flags) => {
    const options = flags as unknown as ExportOptions;
    const loaded = await loadPackage(folder!);
    const files = await render(loaded, options);
    writeFiles(files);
    const written = [...files].map(([path, content]) => ({ path, bytes: content.length }));
    context.result(
      { schemaVersion: 1, format: options.format, files: written },
      written.map(({ path, bytes }) => `${path}: ${formatBytes(bytes)}`).join('\n'),
    );
    return 0;
  },
};

async function render(loaded: LoadedPackage, options: ExportOptions): Promise<Map<string, Uint8Array | string>> {
  const { program, bytes, folder, manifest } = loaded;
  const { output, format } = options;
  switch (format) {
    case 'onnx':
      return new Map([[output, await readPackageFile(folder, manifest, 'model.onnx')]]);
    case 'c': {
      const stem = basename(output, extname(output));
      const { header, source } = exportC(program, bytes, stem);
      return new Map([
        [join(dirname(output), `${stem}.h`), header],
        [output, source],
      ]);
    }
    case 'hex':
      return new Map([[output, exportHex(bytes, requireAddress(options))]]);
    case 'uf2':
      return new Map([[output, exportUf2(bytes, requireAddress(options), uf2Families[options.family])]]);
  }
}

/** No default: a program written to the wrong place of a flash overwrites something. */
function requireAddress({ address, format }: ExportOptions): number {
  if (address !== undefined) return address;
  throw new BitwrightError('USAGE', {
    message: `--format ${format} needs --address`,
    next: 'Give the flash address where the firmware looks for the program, e.g. --address 0x10100000.',
  });
}
