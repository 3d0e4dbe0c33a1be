// `node tools/build-native.mjs [--all]`: compiles the libraries of @impflow/kernels-native. Skips what is already built.
// Without --all: for this machine, by the first C compiler that is found (CC, cc, gcc, clang or zig). Without a compiler
// nothing is built, and everything runs on the kernels in WebAssembly.
// With --all: for all platforms, by zig (pip install ziglang).
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { messageOf } from './message-of.mjs';

const folder = fileURLToPath(new URL('../packages/kernels-native', import.meta.url));
const [sources, libraries] = ['native', 'libraries'].map((name) => join(folder, name));
const manifest = join(libraries, 'libraries.json');

const FLAGS = ['-std=gnu11', '-O3', '-ffp-contract=off', '-fPIC', '-fvisibility=hidden', '-Wno-psabi'];
/**
 * The flags of each set of instructions, by architecture.
 *
 * @type {Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>}
 */
const SETS = {
  x64: {
    avx2: ['-mavx2', '-mfma'],
    avx512: ['-mavx2', '-mfma', '-mavx512f', '-mavx512dq', '-mavx512bw', '-mavx512vl'],
  },
  arm64: { neon: [] },
};
/** File endings of libraries. @type {Readonly<Record<string, string>>} */
const ENDINGS = { linux: 'so', darwin: 'dylib', win32: 'dll' };
/** The platforms of a release, with their names in zig. @type {Readonly<Record<string, string>>} */
const RELEASED = {
  'linux-x64': 'x86_64-linux-gnu.2.17',
  'linux-x64-musl': 'x86_64-linux-musl',
  'linux-arm64': 'aarch64-linux-gnu.2.17',
  'darwin-x64': 'x86_64-macos',
  'darwin-arm64': 'aarch64-macos',
  'win32-x64': 'x86_64-windows-gnu',
};

/** @param {readonly string[]} command */
const runs = ([command, ...args]) => spawnSync(command, args, { stdio: 'ignore' }).status === 0;

/**
 * The first of these compilers that this machine has; undefined if it has none.
 *
 * @param {readonly (readonly string[])[]} compilers
 */
const firstOf = (compilers) => compilers.find((compiler) => runs([...compiler, '--version']));

/** Compilers of zig, as commands with their first arguments. */
const ZIG = [
  ['zig', 'cc'],
  ['python3', '-m', 'ziglang', 'cc'],
];
/** Compilers for this machine. */
const OWN = [...(process.env.CC === undefined ? [] : [[process.env.CC]]), ['cc'], ['gcc'], ['clang'], ...ZIG];

/** Name of this machine's platform, as @impflow/kernels-native forms it. */
const ownPlatform = () => {
  const { header } = /** @type {{ header: { glibcVersionRuntime?: string } }} */ (process.report.getReport());
  const musl = process.platform === 'linux' && header.glibcVersionRuntime === undefined ? '-musl' : '';
  return `${process.platform}-${process.arch}${musl}`;
};

/**
 * Compiles the library for a platform.
 *
 * @param {readonly string[]} compiler A command and its first arguments.
 * @param {string} platform
 * @param {string} file
 * @throws what the compiler printed.
 */
const compile = ([command, ...first], platform, file) => {
  const [system, arch] = platform.split('-');
  const work = mkdtempSync(join(tmpdir(), 'impflow-native-'));
  try {
    /** @param {readonly string[]} args */
    const run = (args) => {
      const { status, stderr, error } = spawnSync(command, [...first, ...args], { encoding: 'utf8' });
      if (status !== 0) throw new Error(error?.message ?? stderr);
    };
    const objects = Object.entries({ dispatch: [], ...SETS[arch] }).map(([name, flags]) => {
      const [source, object] = [name === 'dispatch' ? name : 'kernels', join(work, `${name}.o`)];
      run([...FLAGS, ...flags, '-c', join(sources, `${source}.c`), '-o', object]);
      return object;
    });
    run(['-shared', '-s', ...(system === 'darwin' ? ['-undefined', 'dynamic_lookup'] : []), '-o', file, ...objects]);
  } finally {
    rmSync(work, { recursive: true });
  }
};

/** Hash of everything from which the libraries are made. */
const hashOfSources = () => {
  const hash = createHash('sha256').update(readFileSync(fileURLToPath(import.meta.url)));
  for (const file of readdirSync(sources).sort()) hash.update(file).update(readFileSync(join(sources, file)));
  return hash.digest('hex');
};

/** @typedef {{ file: string; sha256: string; compiler: string; sources: string }} Library */
/** @returns {Record<string, Library>} */
const built = () => (existsSync(manifest) ? JSON.parse(readFileSync(manifest, 'utf8')) : {});

/**
 * Compiles the library for a platform, unless it was compiled from these sources by this compiler.
 *
 * @param {readonly string[]} compiler
 * @param {string} platform
 */
const build = (compiler, platform) => {
  const now = { compiler: compiler.join(' '), sources: hashOfSources() };
  const before = built()[platform];
  if (before?.sources === now.sources && before.compiler === now.compiler) return;
  mkdirSync(libraries, { recursive: true });
  const file = `${platform}.${ENDINGS[platform.split('-')[0]]}`;
  compile(compiler, platform, join(libraries, file));
  const bytes = readFileSync(join(libraries, file));
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  writeFileSync(manifest, `${JSON.stringify({ ...built(), [platform]: { file, sha256, ...now } }, null, 2)}\n`);
  console.log(`[native] ${file}: ${(bytes.length / 1000).toFixed(0)} kB`);
};

if (process.argv.includes('--all')) {
  const zig = firstOf(ZIG);
  if (zig === undefined) {
    console.error('[native] No zig: expected the command zig, or the Python package ziglang. Run: pip install ziglang');
    process.exit(1);
  }
  for (const [platform, target] of Object.entries(RELEASED)) build([...zig, '-target', target], platform);
} else {
  const platform = ownPlatform();
  const compiler = SETS[process.arch] === undefined ? undefined : firstOf(OWN);
  try {
    if (compiler !== undefined) build(compiler, platform);
  } catch (error) {
    // Nothing depends on these kernels.
    console.error(`[native] ${compiler?.join(' ')} does not compile the native kernels. ${messageOf(error)}`);
  }
}
