// Creates a project like a user does: an empty folder with a package.json, in which npm installs packages.
import { lstatSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './run.mjs';

/**
 * Installs the packages `ours` in `folder` from their tarballs, and `dependencies` from the registry.
 *
 * @param {string} folder
 * @param {object} options
 * @param {readonly string[]} options.ours
 * @param {ReadonlyMap<string, string>} [options.tarballs] Paths of the tarballs by package name.
 * @param {Readonly<Record<string, string>>} [options.dependencies]
 * @param {object} [options.manifest] Further fields of the package.json.
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
 * Returns the bytes of all files in a folder and its subfolders; links are not followed.
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
