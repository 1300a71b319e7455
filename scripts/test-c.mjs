/**
 * Host builds of the C kernels with a system compiler, for tests only: nothing that ships is made here. As a script
 * (`node scripts/test-c.mjs`) it compiles every source with every host compiler present, all warnings being errors, and runs the
 * C tests of test/c under the address and undefined-behaviour sanitizers.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const cacheFolder = join(root, '.cache/test-c');
const kernels = join(root, 'runtime-kernels');
/** The variants that a host can run: in C where the core's own instructions are missing. */
export const hostVariants = ['m0plus', 'dsp'];

function includesOf(folder, variant) {
  const parts = ['include', 'src', 'generated', ...(variant === undefined ? [] : [`variants/${variant}`])];
  return parts.map((part) => `-I${join(folder, part)}`);
}

const warnings = ['-Wall', '-Wextra', '-Werror', '-Wconversion', '-Wshadow', '-Wstrict-prototypes', '-Wvla'];
const kernelFlags = ['-std=c99', '-O2', '-ffp-contract=off', ...warnings];
const sanitizers = ['-g', '-fsanitize=address,undefined', '-fno-sanitize-recover=all'];
/** The test programs themselves use POSIX and are not held to -Wconversion. */
const driverFlags = ['-std=c99', '-D_POSIX_C_SOURCE=200809L', '-O1', '-Wall', '-Wextra', '-Werror'];

let compilersFound;

/** The host compilers of this machine that can link sanitized programs, `clang` first: its sanitizers are a package of their own. */
export function hostCompilers() {
  compilersFound ??= ['clang', 'gcc', 'cc'].filter(canSanitize);
  return compilersFound;
}

function canSanitize(compiler) {
  const stdio = ['pipe', 'ignore', 'ignore'];
  try {
    execFileSync(compiler, [...sanitizers, '-x', 'c', '-', '-o', '/dev/null'], {
      input: 'int main(void) { return 0; }',
      stdio,
    });
    return true;
  } catch {
    return false;
  }
}

/** The kernels' C files. A variant's files replace the plain ones of the same name, as in the firmware's build. */
export function kernelSources(kernelsFolder = kernels, variant = undefined) {
  const listed = (folder) =>
    readdirSync(join(kernelsFolder, folder))
      .filter((name) => name.endsWith('.c'))
      .sort();
  const replacing = variant === undefined ? [] : listed(`variants/${variant}`);
  const plain = ['src', 'generated'].flatMap((folder) =>
    listed(folder)
      .filter((name) => !replacing.includes(name))
      .map((name) => join(kernelsFolder, folder, name)),
  );
  return [...plain, ...replacing.map((name) => join(kernelsFolder, `variants/${variant}`, name))];
}

function fingerprint(compiler, sources, flags) {
  const hash = createHash('sha256').update(JSON.stringify([compiler, flags]));
  const folders = flags.filter((flag) => flag.startsWith('-I')).map((flag) => flag.slice(2));
  const headers = folders.flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)));
  for (const path of [...sources, ...headers, join(root, 'test/c/rk_test_files.h')]) {
    hash.update(path).update(readFileSync(path));
  }
  return hash.digest('hex').slice(0, 16);
}

/**
 * Builds test/c/<program>.c with the kernels, sanitized, and returns the executable's path, or undefined where there is no compiler.
 * The result is cached by the content of its sources. `kernelsFolder` is another copy of runtime-kernels (the mutation tests');
 * `variant` a folder of its variants.
 */
export function buildTestProgram(program, options = {}) {
  const { compiler = hostCompilers()[0], sanitized = true, variant } = options;
  const { kernelsFolder = kernels, outputFolder = cacheFolder } = options;
  if (compiler === undefined) return undefined;
  const driver = join(root, `test/c/${program}.c`);
  const sanitizing = sanitized ? sanitizers : [];
  const flags = [...driverFlags, ...includesOf(kernelsFolder, variant), '-ffp-contract=off', ...sanitizing];
  const sources = [driver, ...kernelSources(kernelsFolder, variant)];
  const executable = join(outputFolder, `${program}-${compiler}-${fingerprint(compiler, sources, flags)}`);
  if (!existsSync(executable)) {
    mkdirSync(outputFolder, { recursive: true });
    const unfinished = `${executable}.${process.pid}`;
    execFileSync(compiler, [...flags, ...sources, '-o', unfinished], { stdio: ['ignore', 'inherit', 'inherit'] });
    renameSync(unfinished, executable);
  }
  return executable;
}

function checkWarnings(compiler, variant) {
  const flags = [...kernelFlags, ...includesOf(kernels, variant), '-fsyntax-only'];
  execFileSync(compiler, [...flags, ...kernelSources(kernels, variant)], { stdio: ['ignore', 'inherit', 'inherit'] });
}

function main() {
  const compilers = hostCompilers();
  if (compilers.length === 0) {
    console.log('no host C compiler (clang, gcc or cc): nothing tested');
    return;
  }
  for (const compiler of compilers) {
    for (const variant of [undefined, ...hostVariants]) checkWarnings(compiler, variant);
    for (const file of readdirSync(join(root, 'test/c')).filter((name) => name.startsWith('test_'))) {
      const program = file.replace(/\.c$/, '');
      execFileSync(buildTestProgram(program, { compiler }), { stdio: 'inherit' });
      console.log(`${compiler}: ${program} passed`);
    }
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();
