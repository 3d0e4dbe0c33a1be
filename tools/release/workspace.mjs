// The packages that are published, read from their package.json files.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/[/\\]$/, '');

const FOLDERS = ['packages', 'plugins', 'apps'];

/** Of every package that is not private: its name, its folder (`packages/core`), the folder's last part, and what its package.json says. */
export const publishable = () => FOLDERS.flatMap((parent) => readdirSync(join(root, parent)).map((name) => ({ folder: `${parent}/${name}`, short: name })))
  .filter(({ folder }) => existsSync(join(root, folder, 'package.json')))
  .map((at) => ({ ...at, manifest: JSON.parse(readFileSync(join(root, at.folder, 'package.json'), 'utf8')) }))
  .filter(({ manifest }) => manifest.private !== true)
  .map((at) => ({ ...at, name: at.manifest.name }));

/** The names of these packages and of all of ours that they depend on, directly or not. */
export const closure = (names, packages) => {
  const reached = new Set(names);
  // What is added while a set is walked is walked too.
  for (const name of reached) {
    const { dependencies = {}, peerDependencies = {} } = packages.find((one) => one.name === name).manifest;
    for (const other of Object.keys({ ...dependencies, ...peerDependencies })) if (packages.some((one) => one.name === other)) reached.add(other);
  }
  return [...reached];
};

/** What a program can import of a package: `@impflow/data`, `@impflow/data/toys`. Scripts alone, no files of other kinds. */
export const entries = ({ name, manifest }) => Object.entries(manifest.exports)
  .filter(([, target]) => typeof target === 'object')
  .map(([path, { types }]) => ({ specifier: `${name}${path.slice(1)}`, types }));
