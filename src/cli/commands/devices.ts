/** `bitwright devices`: every device family, whether it can be used here, and what is missing where it cannot. */
import { deviceProviders } from '../../device/registry.ts';
import { textTable } from '../../report/text-table.ts';
import type { VerbDefinition } from '../verbs.ts';

export const devices: VerbDefinition = {
  configure: () => {},
  run: async (context) => {
    const found = await Promise.all(
      (await deviceProviders()).map(async (provider) => ({
        kind: provider.kind,
        usage: provider.usage,
        ...(await provider.probe()),
      })),
    );
    const rows = found.map(({ usage, available, detail }) => [usage, available ? 'yes' : 'no', detail]);
    const table = textTable([{ title: 'device' }, { title: 'usable' }, { title: '' }], rows);
    context.result({ schemaVersion: 1, devices: found }, table);
    return 0;
  },
};
