/** Adds report.html to the files of a fresh package. */

import { parseManifest } from '../../package/manifest.ts';
import type { Tables } from '../../package/tables.ts';
import { reportPage } from '../../report/html/page.ts';
import type { OutFiles } from '../out-folder.ts';
import type { MadePackage } from './make-package.ts';
import { searchTraceOf } from './search-trace.ts';

export function withReport({
  files,
  program,
  accuracy,
}: Pick<MadePackage, 'files' | 'program' | 'accuracy'>): OutFiles {
  const text = (name: string): string => new TextDecoder().decode(files.get(name));
  const manifest = parseManifest(text('manifest.json'), 'manifest.json');
  const page = reportPage({
    manifest,
    tables: JSON.parse(text('tables.json')) as Tables,
    program,
    search: searchTraceOf(manifest),
    verdict: null,
    layerCosts: null,
    confusion: null,
    quantized: accuracy.quantized === null ? null : accuracy,
  });
  return new Map<string, Uint8Array | string>([...files, ['report.html', page]]);
}
