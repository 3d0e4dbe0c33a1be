// A user's project: an empty folder, a package.json, and npm.
import { lstatSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './run.mjs';

/**
 * Installs these packages of ours in `folder` from their tarballs, and the other `dependencies` from the registry.
 *
 * @param {string} folder
 * @param {object} options
 * @param {readonly string[]} options.ours
 * @param {ReadonlyMap<string, string>} [options.tarballs] Paths by name.
 * @param {Readonly<Record<string, string>>} [options.dependencies]
 * @param {object} [options.manifest] More of the package.json.
 * @param {string} [options.path] A folder to put before the PATH, to choose another Node.
 */
export const install = async (folder, { ours, tarballs, dependencies = {}, manifest = {}, path }) => {
  const local = Object.fromEntries(ours.map((name) => [name, `file:${tarballs?.get(name)}`]));
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify(
      {
        name: 'somebodys-project',
        private: true,
        type: 'module',
        ...manifest,
        dependencies: { ...local, ...dependencies },
      },
      null,
      2,
    ),
  );
  const env =
    path === undefined ? {} : { PATH: `${path}${process.platform === 'win32' ? ';' : ':'}${process.env.PATH}` };
  await run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline'], { cwd: folder, env });
};

/**
 * Bytes of the files below a folder; links are not followed.
 *
 * @param {string} folder
 * @returns {number}
 */
export const sizeOf = (folder) =>
  readdirSync(folder, { withFileTypes: true }).reduce(
    (total, entry) =>
      total + (entry.isDirectory() ? sizeOf(join(folder, entry.name)) : lstatSync(join(folder, entry.name)).size),
    0,
  );
