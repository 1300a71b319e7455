/** `bitwright inspect`: what becomes of every node of a model, its cost, and what the whole needs on a target. */
import { BitwrightError } from '../../base/errors.ts';
import { loadTarget } from '../../data/targets.ts';
import { printGraph } from '../../graph/print-graph.ts';
import { graphPicture } from '../../report/graph-picture/graph-picture.ts';
import type { Colouring } from '../../report/graph-picture/palette.ts';
import { isRefused } from '../../report/inspection.ts';
import { inspectionText } from '../../report/inspection-text.ts';
import { choiceFlag, dimensionOption } from '../flags.ts';
import { inspectModel } from '../steps/inspect-model.ts';
import { readModelFile } from '../steps/load-model.ts';
import { writeFiles } from '../steps/write-files.ts';
import type { VerbDefinition } from '../verbs.ts';
import { targetsFolderOption } from './targets.ts';

interface InspectFlags {
  readonly target?: string;
  readonly targets?: string;
  readonly graph?: boolean;
  readonly dim?: Readonly<Record<string, number>>;
  readonly svg?: string;
  readonly color?: Colouring;
}

export const inspect: VerbDefinition = {
  configure: (command) =>
    command
      .argument('<model>', 'float ONNX model')
      .option('--target <id>', 'also say what this target makes of it')
      .option(...targetsFolderOption)
      .option(...dimensionOption)
      .option('--graph', 'print the graph after all rewrites instead of the table')
      .option('--svg <file>', 'also draw the graph as an SVG picture')
      .option(
        '--color <by>',
        'what colours the picture: status, cost (default: status)',
        choiceFlag('--color', ['status', 'cost']),
      ),
  run: async (context, [path], options) => {
    const flags = options as InspectFlags;
    if (flags.color !== undefined && flags.svg === undefined) {
      throw new BitwrightError('USAGE', {
        message: 'needs --svg',
        where: '--color',
        next: 'Name the picture: --svg FILE.',
      });
    }
    const folders = flags.targets === undefined ? [] : [flags.targets];
    const target = flags.target === undefined ? null : await loadTarget(flags.target, folders);
    const { inspection, graph } = inspectModel(await readModelFile(path!), target, flags.dim);
    if (flags.svg !== undefined) {
      writeFiles(new Map([[flags.svg, await graphPicture(inspection, flags.color ?? 'status')]]));
    }
    const wantsGraph = flags.graph === true && graph !== null;
    context.result(inspection, wantsGraph ? printGraph(graph) : inspectionText(inspection));
    return isRefused(inspection) ? 3 : 0;
  },
};
