// Reads the packages that are published from their package.json files.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/[/\\]$/, '');

const FOLDERS = ['packages', 'plugins', 'apps'];

/** @typedef {{ types: string }} Entry An entry point; a string is a file. */

/**
 * The fields of a package.json that the release tools read.
 *
 * @typedef {object} Manifest
 * @property {string} name
 * @property {string} version
 * @property {boolean} [private]
 * @property {Readonly<Record<string, string | Entry>>} exports
 * @property {Readonly<Record<string, string>>} [dependencies]
 * @property {Readonly<Record<string, string>>} [peerDependencies]
 * @property {Readonly<Record<string, object>>} [peerDependenciesMeta]
 * @property {Readonly<Record<string, string>>} [devDependencies]
 */

/**
 * A package that is published.
 *
 * @typedef {object} Publishable
 * @property {string} name
 * @property {string} folder `packages/core`
 * @property {string} short The last part of the folder.
 * @property {Manifest} manifest
 */

/** @typedef {{ name: string; manifest: Pick<Manifest, 'exports'> }} Entered A package whose entry points are read. */

/**
 * Returns every package that is not private.
 *
 * @returns {readonly Publishable[]}
 */
export const publishable = () =>
  FOLDERS.flatMap((parent) =>
    readdirSync(join(root, parent)).map((name) => ({ folder: `${parent}/${name}`, short: name })),
  )
    .filter(({ folder }) => existsSync(join(root, folder, 'package.json')))
    .map((at) => ({ ...at, manifest: JSON.parse(readFileSync(join(root, at.folder, 'package.json'), 'utf8')) }))
    .filter(({ manifest }) => manifest.private !== true)
    .map((at) => ({ ...at, name: at.manifest.name }));

/**
 * Returns the names of the packages and of all ImpFlow packages on which they depend, directly or indirectly. Optional
 * peer dependencies are left out, as npm does.
 *
 * @param {readonly string[]} names
 * @param {readonly Publishable[]} packages
 */
export const closure = (names, packages) => {
  const reached = new Set(names);
  // The iteration includes elements that are added to the set during the loop.
  for (const name of reached) {
    const {
      dependencies,
      peerDependencies,
      peerDependenciesMeta: optional = {},
    } = packages.find((one) => one.name === name)?.manifest ?? {};
    for (const other of Object.keys({ ...dependencies, ...peerDependencies }))
      if (!(other in optional) && packages.some((one) => one.name === other)) reached.add(other);
  }
  return [...reached];
};

/**
 * Returns the entry points of a package, such as `@impflow/tables` and `@impflow/tables/toys`. Entries that are files,
 * such as JSON, are left out.
 *
 * @param {Entered} one
 */
export const entries = ({ name, manifest }) =>
  Object.entries(manifest.exports).flatMap(([path, target]) =>
    typeof target === 'object' ? [{ specifier: `${name}${path.slice(1)}`, types: target.types }] : [],
  );
