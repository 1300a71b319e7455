/** Whether there is a Chromium here; says what is missing where there is none, since the tests of this folder are then skipped. */
import { provider } from '../../src/device/devices/chromium.ts';

const { available, detail } = await provider.probe();
if (!available) console.warn(`Skipped: ${detail}`);

export const chromiumInstalled = available;
