/** Loads the compiled kernels into a WebAssembly memory of bounded size. The same bytes run in Node and in browsers. */
import { BitwrightError } from '../base/errors.ts';
import { bestKernelBuild, compileKernels, type KernelBuild } from './kernel-code.ts';

/** What the modules built from runtime-kernels/wasm export. Addresses and byte counts are unsigned 32-bit numbers. */
export interface KernelExports {
  readonly __heap_base: WebAssembly.Global<'i32'>;
  programStructBytes(): number;
  /** Checks all of the program; a status code. */
  openProgram(program: number, bytes: number, size: number): number;
  constantsEnd(program: number, operation: number, guess: number): number;
  /** 1 if the operation has a fast variant; its packed and workspace bytes are then two words at `sizes`. */
  planFast(program: number, operation: number, sizes: number): number;
  packFast(program: number, operation: number, packed: number): void;
  runFast(
    program: number,
    operation: number,
    tensors: number,
    packed: number,
    workspace: number,
    samples: number,
  ): void;
  runPlain(program: number, operation: number, tensors: number, scratch: number, samples: number): number;
  /** Products of int16 rows (a multiple of `tileRows`) with eight columns in the tile's order: int32 sums[rows][8]. */
  multiplyRows(base: number, rowBytes: number, rows: number, columns: number, steps: number, sums: number): void;
}

/** Rows and columns of the tile of matrix products (runtime-kernels/variants/wasm/rkw_tile.h). */
export const tileRows = 6;
export const tileColumns = 8;

export interface KernelInstance {
  readonly memory: WebAssembly.Memory;
  /** The memory never grows past this address. */
  readonly limitBytes: number;
  readonly exports: KernelExports;
}

export const pageBytes = 65536;
const pagesMax = 65536;

/** A fresh instance whose memory can grow to `memoryBytes` (at least two pages of 64 KiB), never further. */
export async function loadKernels(memoryBytes: number, build?: KernelBuild): Promise<KernelInstance> {
  const module = await compileKernels(build ?? (await bestKernelBuild()));
  const maximum = Math.max(2, Math.min(pagesMax, Math.floor(memoryBytes / pageBytes)));
  const memory = new WebAssembly.Memory({ initial: 2, maximum });
  const instance = await WebAssembly.instantiate(module, { env: { memory } });
  return { memory, limitBytes: maximum * pageBytes, exports: instance.exports as unknown as KernelExports };
}

/** Grows the memory so that addresses below `endBytes` exist. */
export function growMemory(memory: WebAssembly.Memory, endBytes: number): void {
  const missing = Math.ceil((endBytes - memory.buffer.byteLength) / pageBytes);
  if (missing <= 0) return;
  try {
    memory.grow(missing);
  } catch (cause) {
    throw new BitwrightError(
      'USAGE',
      {
        message: 'the simulator cannot get the memory it needs',
        where: 'a simulation worker',
        seen: `${Math.ceil(endBytes / 2 ** 20)} MiB`,
        next: 'Use a smaller --memory, or fewer samples.',
      },
      { cause },
    );
  }
}
