/** Puts the last verdict and a fresh report into the package. */
import { join } from 'node:path';
import { reportPage } from '../../report/html/page.ts';
import type { ReportData } from '../../report/report-data.ts';
import type { CliContext } from '../context.ts';
import type { LoadedPackage } from './load-package.ts';
import type { ValidationRun } from './run-validation.ts';
import { searchTraceOf } from './search-trace.ts';
import { writeFiles } from './write-files.ts';

/** What verdict.json holds: enough to make the report again. */
export interface SavedVerdict extends ValidationRun {
  readonly schema: 'bitwright-verdict/1';
}

/** The page. A package in a read-only place is left as it is; that is worth a line, not a failure. */
export function saveVerdict(context: CliContext, loaded: LoadedPackage, run: ValidationRun): string {
  const page = reportPage(reportDataOf(loaded, run));
  const saved: SavedVerdict = { schema: 'bitwright-verdict/1', ...run };
  try {
    writeFiles(
      new Map([
        [join(loaded.folder, 'verdict.json'), `${JSON.stringify(saved, null, 2)}\n`],
        [join(loaded.folder, 'report.html'), page],
      ]),
    );
  } catch (error) {
    context.warn(`The verdict could not be written into the package: ${String((error as Error).message)}`);
  }
  return page;
}

export function reportDataOf({ manifest, tables, program }: LoadedPackage, run: ValidationRun | null): ReportData {
  return {
    manifest,
    tables,
    program,
    search: searchTraceOf(manifest),
    quantized: null,
    verdict: run?.verdict ?? null,
    layerCosts: run?.layerCosts ?? null,
    confusion: run?.confusion ?? null,
  };
}
