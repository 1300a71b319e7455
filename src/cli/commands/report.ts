/** `bitwright report`: the HTML report of a package with its last validation, written again; and that verdict as text or JSON. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BitwrightError } from '../../base/errors.ts';
import { reportPage } from '../../report/html/page.ts';
import { verdictText } from '../../report/terminal.ts';
import { loadPackage } from '../steps/load-package.ts';
import { reportDataOf, type SavedVerdict } from '../steps/save-verdict.ts';
import { writeFiles } from '../steps/write-files.ts';
import type { VerbDefinition } from '../verbs.ts';

export const report: VerbDefinition = {
  configure: (command) =>
    command
      .argument('<package>', 'folder that `quantize` wrote')
      .option('-o, --output <file>', 'HTML file to write; report.html in the package unless set'),
  run: async (context, [folder], { output }) => {
    const loaded = await loadPackage(folder!);
    const saved = await readVerdict(folder!);
    const path = (output as string | undefined) ?? join(folder!, 'report.html');
    writeFiles(new Map([[path, reportPage(reportDataOf(loaded, saved))]]));
    const text = saved === null ? 'This package was not validated yet.' : verdictText(saved.verdict);
    context.result({ schemaVersion: 1, report: path, verdict: saved?.verdict ?? null }, `${text}\n\n${path}`);
    return 0;
  },
};

async function readVerdict(folder: string): Promise<SavedVerdict | null> {
  const path = join(folder, 'verdict.json');
  const text = await readFile(path, 'utf8').catch(() => null);
  if (text === null) return null;
  try {
    const saved = JSON.parse(text) as SavedVerdict;
    if (saved.schema === 'bitwright-verdict/1') return saved;
  } catch {
    // Falls through to the same refusal as another schema.
  }
  throw new BitwrightError('ARTIFACT_INVALID', {
    message: 'is no verdict of this version',
    where: path,
    next: 'Validate again, or delete it.',
  });
}
