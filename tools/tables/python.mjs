// The Python of the measurements of tables: an environment that `npm run setup:tables` makes, with the versions of
// requirements.txt, and the reference posteriors of sbibm beside it.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { environmentOf } from '../bench/environment.mjs';
import { jsonFrom } from '../measure/child.mjs';

/** @param {string} path */
const here = (path) => fileURLToPath(new URL(path, import.meta.url));

export const tablesPython = environmentOf({
  folder: here('../../node_modules/.cache/tables-python'),
  requirements: here('requirements.txt'),
});

/**
 * The package whose files hold observations and samples of their posteriors (MIT). It is not imported, so what it
 * depends on is not installed.
 */
export const SBIBM = { version: '1.1.0', folder: join(tablesPython.folder, 'sbibm') };

/**
 * Runs a program of this folder. Returns the JSON of its last line. sbi writes a folder of logs where it runs.
 *
 * @param {string} program
 * @param {readonly (string | number)[]} args
 */
export const python = (program, args) =>
  jsonFrom(tablesPython.command, [here(program), ...args.map(String)], { cwd: tablesPython.folder });
