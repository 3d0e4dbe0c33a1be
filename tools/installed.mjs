// Reads which dependencies of the workspace are installed. `npm start` installs only the dependencies of the command
// line; `npm run setup` and `npm test` install everything.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { PNPM } from './pnpm.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/** @typedef {'start' | 'tests'} Level */

/** The arguments of `pnpm install` by level. @type {Readonly<Record<Level, readonly string[]>>} */
export const INSTALL = {
  start: ['--prod', '--filter=impflow-workspace', '--filter-prod=@impflow/trainer...'],
  tests: [],
};

/** File that names the installed level. */
export const STAMP = `${root}/node_modules/.impflow-setup`;

/**
 * Returns the content of the file {@link STAMP} for a level, with the current lock file.
 *
 * @param {Level} level
 */
export const stampOf = (level) => {
  const lock = readFileSync(`${root}/pnpm-lock.yaml`);
  return `${createHash('sha256').update(lock).update(PNPM).digest('hex')} ${level}`;
};

/**
 * Returns the installed level, and whether it was installed from the current lock file.
 *
 * @returns {{ level: Level | undefined; current: boolean }}
 */
export const installed = () => {
  const text = existsSync(STAMP) ? readFileSync(STAMP, 'utf8') : '';
  const level = /** @type {const} */ (['start', 'tests']).find((each) => text.endsWith(` ${each}`));
  return { level, current: level !== undefined && text === stampOf(level) };
};
