// Describes the libraries of @impflow/kernels-native: their sources, compiler flags, platforms and folders.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** @param {string} path */
const here = (path) => fileURLToPath(new URL(path, import.meta.url));

export const SOURCES = here('../packages/kernels-native/native');
/** Folder of the library for this machine, from which the package loads the library. */
export const OWN = here('../packages/kernels-native/libraries');
/** Folder of the libraries of a release. */
export const RELEASED = here('../dist/libraries');

/** Flags of the compiler for all sources. */
export const FLAGS = ['-std=gnu11', '-O3', '-ffp-contract=off', '-fPIC', '-fvisibility=hidden', '-Wno-psabi'];
/**
 * The flags of each set of instructions, by architecture.
 *
 * @type {Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>}
 */
export const SETS = {
  x64: {
    avx2: ['-mavx2', '-mfma'],
    avx512: ['-mavx2', '-mfma', '-mavx512f', '-mavx512dq', '-mavx512bw', '-mavx512vl'],
  },
  arm64: { neon: [] },
};
/**
 * The platforms of a release, with their names in zig and the oldest version of the system: glibc 2.17 and macOS 11.
 *
 * @type {Readonly<Record<string, string>>}
 */
export const PLATFORMS = {
  'linux-x64': 'x86_64-linux-gnu.2.17',
  'linux-x64-musl': 'x86_64-linux-musl',
  'linux-arm64': 'aarch64-linux-gnu.2.17',
  'darwin-x64': 'x86_64-macos.11.0',
  'darwin-arm64': 'aarch64-macos.11.0',
  'win32-x64': 'x86_64-windows-gnu',
};
/**
 * Arguments of zig for a platform. The runtime library of zig is left out, because the kernels do not need it, and zig
 * compiles it for each platform. On Windows the runtime library is kept, because thread-local variables need it.
 *
 * @param {string} platform
 */
export const zigArguments = (platform) => [
  '-target',
  PLATFORMS[platform],
  ...(platform.startsWith('win32') ? [] : ['-nostdlib', '-lm', '-lc']),
];
/** File endings of libraries. @type {Readonly<Record<string, string>>} */
const ENDINGS = { linux: 'so', darwin: 'dylib', win32: 'dll' };

/**
 * Returns the file name of the library of a platform.
 *
 * @param {string} platform
 */
export const fileOf = (platform) => `${platform}.${ENDINGS[platform.split('-')[0]]}`;

/** @param {Buffer} bytes */
export const sha256Of = (bytes) => createHash('sha256').update(bytes).digest('hex');

/** Returns a hash of the C sources and of the programs that compile them. */
export const hashOfSources = () => {
  const hash = createHash('sha256');
  for (const program of ['native-libraries.mjs', 'build-native.mjs']) hash.update(readFileSync(here(program)));
  for (const file of readdirSync(SOURCES).sort()) hash.update(file).update(readFileSync(join(SOURCES, file)));
  return hash.digest('hex');
};

/**
 * A library in a manifest: its file, the SHA-256 of the file, the version of the compiler, and the hash of the sources.
 *
 * @typedef {{ file: string; sha256: string; compiler: string; sources: string }} Library
 */

/**
 * Returns the path of the manifest, which lists the libraries of a folder.
 *
 * @param {string} folder
 */
export const manifestOf = (folder) => join(folder, 'libraries.json');

/**
 * Returns the libraries of a folder by platform, as the manifest of the folder lists them.
 *
 * @param {string} folder
 * @returns {Record<string, Library>}
 */
export const librariesIn = (folder) =>
  existsSync(manifestOf(folder)) ? JSON.parse(readFileSync(manifestOf(folder), 'utf8')) : {};

/**
 * Returns the fault of the library of a platform. Returns undefined if the library is the file that the manifest
 * describes, and was compiled from the current sources.
 *
 * @param {string} folder
 * @param {string} platform
 */
export const faultOf = (folder, platform) => {
  const { file, sha256, sources } = librariesIn(folder)[platform] ?? {};
  if (file === undefined || !existsSync(join(folder, file))) return 'missing';
  if (sha256Of(readFileSync(join(folder, file))) !== sha256) return 'not the file that was built';
  return sources === hashOfSources() ? undefined : 'made from other sources';
};
