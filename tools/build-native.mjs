// `node tools/build-native.mjs [--all [platform ...]]`: compiles the libraries of @impflow/kernels-native. Skips libraries
// that are already built.
// Without --all, the program compiles the library for this machine with the first C compiler that it finds (CC, cc, gcc,
// clang or zig), and writes the library to the folder from which the package loads it. If there is no compiler, no library
// is built, and all kernels run in WebAssembly.
// With --all, the program compiles the libraries of a release with zig (npm run setup:zig), for all platforms or for the
// given platforms, and writes the libraries to dist/libraries.
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { messageOf } from './message-of.mjs';
import {
  faultOf,
  fileOf,
  FLAGS,
  hashOfSources,
  librariesIn,
  manifestOf,
  OWN,
  PLATFORMS,
  RELEASED,
  SETS,
  sha256Of,
  SOURCES,
  zigArguments,
} from './native-libraries.mjs';
import { inTurns, run } from './release/run.mjs';
import { noZig, ZIG_CC } from './zig/python.mjs';

/**
 * A compiler: a command with its first arguments, and its name and version.
 *
 * @typedef {{ command: readonly string[]; version: string }} Compiler
 */
/** @typedef {{ platform: string; compiler: Compiler }} Wanted A library to build, and its compiler. */

/**
 * Returns the first of the given commands that is a compiler; undefined if there is no compiler.
 *
 * @param {readonly (readonly string[])[]} commands
 * @returns {Compiler | undefined}
 */
const firstOf = (commands) => {
  for (const command of commands) {
    const { status, stdout } = spawnSync(command[0], [...command.slice(1), '--version'], { encoding: 'utf8' });
    if (status === 0) return { command, version: stdout.split('\n')[0].trim() };
  }
  return undefined;
};

/** Returns the name of this machine's platform, in the form that @impflow/kernels-native uses. */
const ownPlatform = () => {
  const { header } = /** @type {{ header: { glibcVersionRuntime?: string } }} */ (process.report.getReport());
  const musl = process.platform === 'linux' && header.glibcVersionRuntime === undefined ? '-musl' : '';
  return `${process.platform}-${process.arch}${musl}`;
};

/**
 * Compiles libraries. Runs one compiler per core at the same time.
 *
 * @param {readonly Wanted[]} wanted
 * @param {string} work An empty folder. Files that a linker writes beside its library stay in it.
 * @throws an error with the output of the compiler, if a compiler fails.
 */
const compile = async (wanted, work) => {
  /**
   * @param {Compiler} compiler
   * @param {readonly string[]} args
   */
  const call = ({ command: [program, ...first] }, args) => run(program, [...first, ...args], { cwd: work });
  const parts = wanted.flatMap(({ platform, compiler }) =>
    Object.entries({ dispatch: [], ...SETS[platform.split('-')[1]] }).map(([name, flags]) => ({
      platform,
      compiler,
      flags,
      source: join(SOURCES, name === 'dispatch' ? 'dispatch.c' : 'kernels.c'),
      object: `${platform}-${name}.o`,
    })),
  );
  const width = availableParallelism();
  await inTurns(
    parts,
    ({ compiler, flags, source, object }) => call(compiler, [...FLAGS, ...flags, '-c', source, '-o', object]),
    width,
  );
  await inTurns(
    wanted,
    async ({ platform, compiler }) => {
      const objects = parts.flatMap((part) => (part.platform === platform ? [part.object] : []));
      const undefinedSymbols = platform.startsWith('darwin') ? ['-undefined', 'dynamic_lookup'] : [];
      await call(compiler, ['-shared', '-s', ...undefinedSymbols, '-o', fileOf(platform), ...objects]);
    },
    width,
  );
};

/**
 * Compiles the libraries that are missing in the folder, or that were compiled from other sources or by another compiler.
 *
 * @param {string} folder
 * @param {readonly Wanted[]} all
 * @throws an error with the output of the compiler, if a compiler fails.
 */
const build = async (folder, all) => {
  const wanted = all.filter(
    ({ platform, compiler }) =>
      faultOf(folder, platform) !== undefined || librariesIn(folder)[platform].compiler !== compiler.version,
  );
  if (wanted.length === 0) return;
  const work = mkdtempSync(join(tmpdir(), 'impflow-native-'));
  try {
    await compile(wanted, work);
    mkdirSync(folder, { recursive: true });
    const libraries = librariesIn(folder);
    for (const { platform, compiler } of wanted) {
      const file = fileOf(platform);
      const bytes = readFileSync(join(work, file));
      // Another process may be using the old file. So the new file is renamed to the name of the old file, and the bytes
      // of the old file do not change.
      copyFileSync(join(work, file), join(folder, `${file}.new`));
      renameSync(join(folder, `${file}.new`), join(folder, file));
      libraries[platform] = { file, sha256: sha256Of(bytes), compiler: compiler.version, sources: hashOfSources() };
      console.log(`[native] ${file}: ${(bytes.length / 1000).toFixed(0)} kB`);
    }
    writeFileSync(manifestOf(folder), `${JSON.stringify(libraries, null, 2)}\n`);
  } finally {
    rmSync(work, { recursive: true });
  }
};

/** @param {readonly string[]} platforms */
const buildReleased = async (platforms) => {
  const zig = noZig === undefined ? firstOf([ZIG_CC]) : undefined;
  if (zig === undefined) throw new Error(`No C compiler for other platforms: ${noZig ?? 'zig does not run here'}`);
  const unknown = platforms.find((platform) => PLATFORMS[platform] === undefined);
  if (unknown !== undefined)
    throw new Error(`Unknown platform: expected ${Object.keys(PLATFORMS).join(', ')}, got ${unknown}`);
  await build(
    RELEASED,
    platforms.map((platform) => ({
      platform,
      compiler: { command: [...zig.command, ...zigArguments(platform)], version: `zig cc, ${zig.version}` },
    })),
  );
};

const buildOwn = async () => {
  // Native kernels exist only for the processors in `SETS`.
  if (SETS[process.arch] === undefined) return;
  const commands = [...(process.env.CC === undefined ? [] : [[process.env.CC]]), ['cc'], ['gcc'], ['clang']];
  const compiler = firstOf([...commands, ['zig', 'cc'], ZIG_CC]);
  if (compiler === undefined)
    return console.log('NOTE: There is no C compiler, so the kernels in WebAssembly run, with the same results.');
  try {
    await build(OWN, [{ platform: ownPlatform(), compiler }]);
  } catch (error) {
    // A failure is only a note, because all programs also run without native kernels.
    console.log(
      'NOTE: The native kernels do not compile, so the kernels in WebAssembly run, with the same results. ' +
        'node tools/build-native.mjs prints the errors of the compiler.',
    );
    console.error(messageOf(error));
  }
};

const { values, positionals } = parseArgs({ options: { all: { type: 'boolean' } }, allowPositionals: true });
if (values.all === true) {
  await buildReleased(positionals.length === 0 ? Object.keys(PLATFORMS) : positionals).catch((error) => {
    console.error(`[native] ${messageOf(error)}`);
    process.exitCode = 1;
  });
} else await buildOwn();
