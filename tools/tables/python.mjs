// Finds the Python environment for the measurements of tables. `npm run setup:tables` creates this environment with the
// versions of requirements.txt, and adds the reference posteriors of sbibm.
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
 * The package sbibm (MIT), whose files contain observations and samples of their posteriors. The package is not
 * imported, so its dependencies are not installed.
 */
export const SBIBM = { version: '1.1.0', folder: join(tablesPython.folder, 'sbibm') };

/**
 * Runs a Python program of this folder. Returns the JSON of its last line. The working folder is the environment,
 * because sbi writes a folder of logs into its working folder.
 *
 * @param {string} program
 * @param {readonly (string | number)[]} args
 */
export const python = (program, args) =>
  jsonFrom(tablesPython.command, [here(program), ...args.map(String)], { cwd: tablesPython.folder });
