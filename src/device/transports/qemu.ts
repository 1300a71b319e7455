/**
 * Boards that QEMU emulates, with the firmware images of runtime-kernels/prebuilt. It counts instructions exactly and says nothing about
 * time: evidence for bits and instruction counts.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { BitwrightError } from '../../base/errors.ts';
import { startChild } from '../child-stream.ts';
import { deviceProvider } from '../session.ts';
import type { ByteTransport, TransportProvider } from '../transport.ts';

const packages = 'Debian: apt install qemu-system-arm qemu-system-misc; macOS: brew install qemu; Windows: qemu.org';
/** An emulator shares the processor with everything else: a reply that is late is not lost. */
const latencyMs = 5000;

interface Board {
  readonly title: string;
  readonly emulator: string;
  readonly machine: readonly string[];
}

/** Boards by name, which is also the name of their image. NEW QEMU BOARD: one line, and a folder in runtime-kernels/firmware/ports. */
export const qemuBoards: Readonly<Record<string, Board>> = {
  'mps2-an385': { title: 'Cortex-M3', emulator: 'qemu-system-arm', machine: ['-M', 'mps2-an385'] },
  'mps2-an386': { title: 'Cortex-M4', emulator: 'qemu-system-arm', machine: ['-M', 'mps2-an386'] },
  'mps2-an500': { title: 'Cortex-M7', emulator: 'qemu-system-arm', machine: ['-M', 'mps2-an500'] },
  'mps2-an505': { title: 'Cortex-M33', emulator: 'qemu-system-arm', machine: ['-M', 'mps2-an505'] },
  'mps3-an547': { title: 'Cortex-M55', emulator: 'qemu-system-arm', machine: ['-M', 'mps3-an547'] },
  'riscv32-virt': { title: 'RV32IMC', emulator: 'qemu-system-riscv32', machine: ['-M', 'virt', '-bios', 'none'] },
};

function boardOf(name: string): Board {
  const board = Object.hasOwn(qemuBoards, name) ? qemuBoards[name] : undefined;
  if (board !== undefined) return board;
  throw new BitwrightError('DEVICE_UNKNOWN', {
    message: name === '' ? 'needs the name of a board' : 'is no board with a firmware image',
    where: `qemu:${name}`,
    allowed: Object.keys(qemuBoards).join(', '),
    next: 'Name one of them: `--device qemu:mps2-an386`.',
  });
}

async function connect(argument: string): Promise<ByteTransport> {
  const board = boardOf(argument);
  const image = fileURLToPath(new URL(`../../../runtime-kernels/prebuilt/${argument}.elf`, import.meta.url));
  if (!existsSync(image)) {
    throw new BitwrightError('DEVICE_UNAVAILABLE', {
      message: 'its firmware image is missing',
      where: `runtime-kernels/prebuilt/${argument}.elf`,
      next: 'Reinstall bitwright, or build it with `npm run build:firmware`.',
    });
  }
  const quiet = ['-display', 'none', '-monitor', 'none', '-nodefaults'];
  const link = ['-chardev', 'stdio,id=link,signal=off', '-serial', 'chardev:link'];
  const exactCounts = ['-icount', 'shift=0'];
  return startChild(board.emulator, [...board.machine, ...quiet, ...link, ...exactCounts, '-kernel', image], {
    description: `${board.emulator} ${board.machine.join(' ')}`,
    latencyMs,
    evidence: 'emulator',
  }).catch((cause: unknown) => {
    throw missing(board.emulator, cause);
  });
}

function missing(emulator: string, cause: unknown): BitwrightError {
  return new BitwrightError(
    'DEVICE_UNAVAILABLE',
    {
      message: `${emulator} cannot be started`,
      where: 'qemu',
      seen: cause instanceof Error ? cause.message : String(cause),
      next: `Install QEMU (${packages}), or use \`--device pico-emulator\`, which needs nothing.`,
    },
    { cause },
  );
}

async function probe(): Promise<{ available: boolean; detail: string }> {
  try {
    const { stdout } = await promisify(execFile)('qemu-system-arm', ['--version']);
    return { available: true, detail: stdout.split('\n')[0]! };
  } catch {
    return { available: false, detail: `qemu-system-arm is missing (${packages})` };
  }
}

export const transport: TransportProvider = {
  kind: 'qemu',
  usage: `qemu:BOARD: an emulated board; BOARD is ${Object.keys(qemuBoards).join(', ')}`,
  startMs: 20_000,
  probe,
  connect,
};

export const provider = deviceProvider(transport);
