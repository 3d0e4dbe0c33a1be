// The packages that are published, read from their package.json files.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/[/\\]$/, '');

const FOLDERS = ['packages', 'plugins', 'apps'];

/**
 * For every package that is not private: its name, its folder (`packages/core`), the last part of the folder, and its
 * package.json.
 */
export const publishable = () =>
  FOLDERS.flatMap((parent) =>
    readdirSync(join(root, parent)).map((name) => ({ folder: `${parent}/${name}`, short: name })),
  )
    .filter(({ folder }) => existsSync(join(root, folder, 'package.json')))
    .map((at) => ({ ...at, manifest: JSON.parse(readFileSync(join(root, at.folder, 'package.json'), 'utf8')) }))
    .filter(({ manifest }) => manifest.private !== true)
    .map((at) => ({ ...at, name: at.manifest.name }));

/** The names of these packages and of all of ours that they depend on, directly or indirectly. */
export const closure = (names, packages) => {
  const reached = new Set(names);
  // Iteration over a set includes elements that are added meanwhile.
  for (const name of reached) {
    const { dependencies = {}, peerDependencies = {} } = packages.find((one) => one.name === name).manifest;
    for (const other of Object.keys({ ...dependencies, ...peerDependencies }))
      if (packages.some((one) => one.name === other)) reached.add(other);
  }
  return [...reached];
};

/** The entry points of a package: `@impflow/data`, `@impflow/data/toys`. Only scripts. */
export const entries = ({ name, manifest }) =>
  Object.entries(manifest.exports)
    .filter(([, target]) => typeof target === 'object')
    .map(([path, { types }]) => ({ specifier: `${name}${path.slice(1)}`, types }));
