import { createHash } from 'node:crypto';
// The packages that run a job on more than one machine. Only `npm run setup:scale` installs their dependencies, because
// one machine does not need them.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { PNPM } from './pnpm.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Their names. @type {readonly string[]} */
export const SCALE = ['@impflow/queue', '@impflow/mpi'];

/** File that lists what is installed. */
export const STAMP = `${root}/node_modules/.impflow-setup`;
/** Its text for an installation of the current lock file, without and with these packages. */
export const stamps = () => {
  const lock = existsSync(`${root}/pnpm-lock.yaml`) ? readFileSync(`${root}/pnpm-lock.yaml`) : '';
  const usual = createHash('sha256').update(lock).update(PNPM).digest('hex');
  return { usual, scale: `${usual} scale` };
};

/** Whether their dependencies are installed. */
export const hasScale = () => existsSync(STAMP) && readFileSync(STAMP, 'utf8') === stamps().scale;
