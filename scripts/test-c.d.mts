/** Types of scripts/test-c.mjs for the TypeScript tests. */
export function hostCompilers(): string[];
export function kernelSources(kernelsFolder?: string): string[];
export function buildTestProgram(
  program: string,
  options?: {
    readonly compiler?: string;
    readonly sanitized?: boolean;
    readonly kernelsFolder?: string;
    readonly outputFolder?: string;
  },
): string | undefined;
