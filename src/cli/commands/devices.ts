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
    const rows = found.map(({ usage, available, detail }) => {
      const [syntax, what] = splitUsage(usage);
      return [syntax, available ? 'yes' : 'no', what, detail];
    });
    const table = textTable(
      [{ title: 'device' }, { title: 'usable' }, { title: 'what it is' }, { title: 'here' }],
      rows,
    );
    context.result({ schemaVersion: 1, devices: found }, table);
    return 0;
  },
};

/** `SYNTAX: description`, where the syntax itself may hold colons. */
function splitUsage(usage: string): [syntax: string, what: string] {
  const at = usage.indexOf(': ');
  return at < 0 ? [usage, ''] : [usage.slice(0, at), usage.slice(at + 2)];
}
