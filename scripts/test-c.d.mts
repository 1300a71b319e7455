/** Types of scripts/test-c.mjs for the TypeScript tests. */
export function hostCompilers(): string[];
/** Folders of runtime-kernels/variants. */
export const hostVariants: readonly string[];
export function kernelSources(kernelsFolder?: string, variant?: string): string[];
export function buildTestProgram(
  program: string,
  options?: {
    readonly compiler?: string;
    readonly sanitized?: boolean;
    readonly variant?: string;
    readonly kernelsFolder?: string;
    readonly outputFolder?: string;
  },
): string | undefined;
