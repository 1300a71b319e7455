/**
 * `npm run build:firmware [-- PORT ...]`: compiles the firmware of each folder runtime-kernels/firmware/ports that has a port.json into
 * runtime-kernels/prebuilt/, with a manifest of what it was made from. `--check` writes nothing: it fails if sources changed since
 * an image was built, if an image is not the one of the manifest, or, where the same compiler is present, if a rebuild differs.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { exportUf2 } from '../dist/package/export-uf2.js';

const execute = promisify(execFile);

/** Fails with what the tool wrote, not with a stack. */
async function run(command, argumentsOf, options) {
  try {
    return await execute(command, argumentsOf, options);
  } catch (error) {
    throw error.stderr ? new Error(`${command} failed:\n${error.stderr.slice(0, complaintCharactersMax)}`) : error;
  }
}
const root = fileURLToPath(new URL('..', import.meta.url));
const kernels = 'runtime-kernels';
const firmware = `${kernels}/firmware`;
const prebuilt = `${kernels}/prebuilt`;
const parallelCompilers = 2;
const imageBytesMax = 300_000;
const complaintCharactersMax = 2000;

const commonFlags = [
  '-std=gnu11',
  '-ffreestanding',
  '-ffunction-sections',
  '-fdata-sections',
  '-fno-common',
  '-ffp-contract=off',
  '-Wall',
  '-Wextra',
  '-Werror',
  '-Wstrict-prototypes',
];
const linkFlags = [
  '-nostdlib',
  '-static',
  '-Wl,--gc-sections',
  '-Wl,--fatal-warnings',
  '-Wl,--no-warn-rwx-segments',
  '-Wl,-n',
];
/** What a port.json may change by `optimization`; a variant's files are there to be fast on every port. */
const optimizationDefault = '-O2';
const variantOptimization = '-O2';
/** Files that need a flag of their own. */
const fileFlags = { [`${firmware}/rk_memory.c`]: ['-fno-builtin', '-fno-tree-loop-distribute-patterns'] };

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');
const read = (path) => readFileSync(join(root, path));

function filesOf(folder, pattern) {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder))
    .filter((file) => pattern.test(file))
    .sort()
    .map((file) => `${folder}/${file}`);
}

function portsPresent() {
  return readdirSync(join(root, firmware, 'ports')).filter((name) =>
    existsSync(join(root, firmware, 'ports', name, 'port.json')),
  );
}

/** What a port is built from. A variant folder's files replace the plain files of the same name. */
function plan(name) {
  const port = JSON.parse(read(`${firmware}/ports/${name}/port.json`).toString());
  const variants = port.variants.flatMap((folder) => filesOf(`${kernels}/variants/${folder}`, /\.c$/));
  const replaced = new Set(variants.map((file) => basename(file)));
  const sources = [
    ...filesOf(firmware, /\.c$/),
    ...port.sources.map((file) => `${firmware}/${file}`),
    ...filesOf(`${kernels}/src`, /\.c$/).filter((file) => !replaced.has(basename(file))),
    ...filesOf(`${kernels}/generated`, /\.c$/),
    ...variants,
  ];
  const includes = [
    `${kernels}/include`,
    `${kernels}/src`,
    `${kernels}/generated`,
    firmware,
    ...port.variants.map((folder) => `${kernels}/variants/${folder}`),
    ...port.includes.map((folder) => `${firmware}/${folder}`),
  ];
  const linkerScripts = port.linkerScripts.map((file) => `${firmware}/${file}`);
  const inputs = [
    `${firmware}/ports/${name}/port.json`,
    ...sources,
    ...includes.flatMap((folder) => filesOf(folder, /\.h$/)),
    ...linkerScripts,
  ];
  return { name, port, sources, includes, linkerScripts, inputs };
}

/** One hash over paths, contents and flags: what an image depends on but the compiler. */
function sourcesHash({ inputs }) {
  const hash = createHash('sha256').update(JSON.stringify([commonFlags, linkFlags, fileFlags, variantOptimization]));
  for (const path of [...new Set(inputs)].sort()) hash.update(`${path}\0${sha256(read(path))}\n`);
  return hash.digest('hex');
}

async function compilerVersion(compiler) {
  try {
    const { stdout } = await run(compiler, ['--version']);
    return stdout.split('\n')[0].trim();
  } catch {
    return null;
  }
}

async function compile({ port, sources, includes }, folder) {
  const objects = sources.map((source, index) => join(folder, `${index}-${basename(source)}.o`));
  const queue = sources.map((source, index) => ({ source, object: objects[index] }));
  const includeFlags = [...new Set(includes)].map((path) => `-I${path}`);
  const worker = async () => {
    for (let job = queue.shift(); job !== undefined; job = queue.shift()) {
      const optimization = job.source.includes('/variants/')
        ? variantOptimization
        : (port.optimization ?? optimizationDefault);
      const flags = [...port.flags, ...commonFlags, optimization, ...(fileFlags[job.source] ?? []), ...includeFlags];
      await run(port.compiler, [...flags, '-c', job.source, '-o', job.object], { cwd: root });
    }
  };
  await Promise.all(Array.from({ length: parallelCompilers }, worker));
  return objects;
}

/** The image's bytes; the same for the same sources and compiler, wherever they lie. */
async function build(planned) {
  const { port, linkerScripts } = planned;
  const folder = mkdtempSync(join(tmpdir(), 'bitwright-firmware-'));
  try {
    const objects = await compile(planned, folder);
    const elf = join(folder, 'image.elf');
    const scripts = linkerScripts.map((file) => `-Wl,-T,${file}`);
    await run(port.compiler, [...port.flags, ...linkFlags, ...scripts, ...objects, '-lgcc', '-o', elf], { cwd: root });
    const objcopy = port.compiler.replace(/gcc$/, 'objcopy');
    const out = join(folder, 'image');
    if (port.image.format === 'elf') {
      await run(objcopy, ['--strip-all', elf, out]);
      return readFileSync(out);
    }
    await run(objcopy, ['-O', 'binary', elf, out]);
    return exportUf2(readFileSync(out), Number(port.image.address), Number(port.image.family));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const manifestPath = `${prebuilt}/manifest.json`;

function readManifest() {
  return existsSync(join(root, manifestPath))
    ? JSON.parse(read(manifestPath).toString())
    : { schemaVersion: 1, images: {} };
}

async function buildAll(names) {
  mkdirSync(join(root, prebuilt), { recursive: true });
  const manifest = readManifest();
  for (const name of names) {
    const planned = plan(name);
    const compiler = await compilerVersion(planned.port.compiler);
    if (compiler === null) throw new Error(`${planned.port.compiler} is missing (Debian: see docs/add-a-board.md).`);
    const image = await build(planned);
    if (image.length > imageBytesMax)
      throw new Error(`${name}: image of ${image.length} bytes, at most ${imageBytesMax}.`);
    const file = `${name}.${planned.port.image.format}`;
    writeFileSync(join(root, prebuilt, file), image);
    manifest.images[name] = {
      board: planned.port.board,
      file,
      bytes: image.length,
      sha256: sha256(image),
      sourcesSha256: sourcesHash(planned),
      compiler,
    };
    console.log(`${name}: ${image.length} bytes`);
  }
  const images = Object.fromEntries(Object.entries(manifest.images).sort(([a], [b]) => (a < b ? -1 : 1)));
  writeFileSync(join(root, manifestPath), `${JSON.stringify({ ...manifest, images }, null, 2)}\n`);
}

async function check(names) {
  const { images } = readManifest();
  const problems = [];
  for (const name of names) {
    const planned = plan(name);
    const entry = images[name];
    if (entry === undefined || !existsSync(join(root, prebuilt, entry.file))) {
      problems.push(`${name}: no image; run npm run build:firmware`);
    } else if (entry.sourcesSha256 !== sourcesHash(planned)) {
      problems.push(`${name}: sources changed since the image was built; run npm run build:firmware`);
    } else if (entry.sha256 !== sha256(read(`${prebuilt}/${entry.file}`))) {
      problems.push(`${name}: the image is not the one of the manifest`);
    } else if ((await compilerVersion(planned.port.compiler)) !== entry.compiler) {
      console.log(`${name}: sources unchanged; not rebuilt, ${entry.compiler} is not here`);
    } else if (sha256(await build(planned)) !== entry.sha256) {
      problems.push(`${name}: a rebuild with the same compiler gives other bytes`);
    } else {
      console.log(`${name}: rebuilt to the same bytes`);
    }
  }
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) process.exitCode = 1;
}

const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const names = wanted.length > 0 ? wanted : portsPresent();
try {
  await (process.argv.includes('--check') ? check(names) : buildAll(names));
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
