/**
 * The compiled kernels, in two builds of the same sources. `relaxed` multiplies narrow codes as bytes and is chosen where the engine
 * has relaxed SIMD and its products pass the module's own check; everything else runs `base`. Both give the same bytes.
 */
import { baseKernels } from './kernels-base.generated.ts';
import { relaxedKernels } from './kernels-relaxed.generated.ts';

export type KernelBuild = 'base' | 'relaxed';

const compiled = new Map<KernelBuild, Promise<WebAssembly.Module>>();
let best: Promise<KernelBuild> | undefined;

const bytesOf = (base64: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));

/** Throws what the engine throws for a build that it does not support. */
export function compileKernels(build: KernelBuild): Promise<WebAssembly.Module> {
  let module = compiled.get(build);
  if (module === undefined) {
    module = WebAssembly.compile(bytesOf(build === 'base' ? baseKernels : relaxedKernels));
    compiled.set(build, module);
  }
  return module;
}

/** The fastest build that this engine runs exactly; found once per thread. */
export function bestKernelBuild(): Promise<KernelBuild> {
  best ??= findBest();
  return best;
}

async function findBest(): Promise<KernelBuild> {
  const bytes = bytesOf(relaxedKernels);
  if (!WebAssembly.validate(bytes)) {
    await allowRelaxedSimd();
    if (!WebAssembly.validate(bytes)) return 'base';
  }
  const memory = new WebAssembly.Memory({ initial: 2, maximum: 2 });
  const { exports } = await WebAssembly.instantiate(await compileKernels('relaxed'), { env: { memory } });
  return (exports.narrowIsExact as () => number)() === 1 ? 'relaxed' : 'base';
}

/** Node 20 has relaxed SIMD behind a flag of V8, which only lets modules with these instructions compile. */
async function allowRelaxedSimd(): Promise<void> {
  if (typeof process !== 'object' || process.versions?.node === undefined) return;
  const { setFlagsFromString } = await import('node:v8');
  setFlagsFromString('--experimental-wasm-relaxed-simd');
}
