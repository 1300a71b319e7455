/** The firmware on the boards that QEMU emulates. Skips with a message where QEMU is not installed. */
import { describe } from 'vitest';
import { provider, qemuBoards } from '../../src/device/transports/qemu.ts';
import { deviceConformance } from '../unit/device/conformance.ts';

const { available, detail } = await provider.probe();
if (!available) console.warn(`Skipped: ${detail}`);

describe.skipIf(!available).each(Object.keys(qemuBoards))('qemu:%s', (board) => {
  deviceConformance(() => provider.open(board, {}));
});
