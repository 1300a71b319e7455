/** Types of scripts/test-c.mjs for the TypeScript tests. */
export function hostCompilers(): string[];
export function kernelSources(): string[];
export function buildTestProgram(
  program: string,
  options?: { readonly compiler?: string; readonly sanitized?: boolean },
): string | undefined;
