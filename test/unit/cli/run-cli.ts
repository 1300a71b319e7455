/** Runs the built command line as a process. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const repository = fileURLToPath(new URL('../../../', import.meta.url));
export const entry = `${repository}dist/cli/main.js`;

export interface CliResult {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export function runCli(argv: readonly string[], env: NodeJS.ProcessEnv = {}): CliResult {
  const { status, stdout, stderr } = spawnSync(process.execPath, [entry, ...argv], {
    encoding: 'utf8',
    timeout: 900_000,
    cwd: repository,
    env: { ...process.env, ...env },
  });
  return { status, stdout, stderr };
}

/** The document of a run with --json. */
export function runJson<T>(
  argv: readonly string[],
  env: NodeJS.ProcessEnv = {},
): { status: number | null; document: T } {
  const { status, stdout, stderr } = runCli([...argv, '--json', '--quiet'], env);
  try {
    return { status, document: JSON.parse(stdout) as T };
  } catch {
    throw new Error(`no JSON on stdout (exit code ${status}): ${stdout}${stderr}`);
  }
}
