/** Uses something that must be closed, and closes it on success, on failure and when the user interrupts. */
import type { CliContext } from '../context.ts';

export async function withClosing<C extends { close(): Promise<void> }, T>(
  context: Pick<CliContext, 'onInterrupt'>,
  resource: C,
  use: (resource: C) => Promise<T>,
): Promise<T> {
  const forget = context.onInterrupt(() => resource.close());
  try {
    return await use(resource);
  } finally {
    forget();
    await resource.close();
  }
}
