import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { FlowError, registry, type BackendAdapter, type Registry } from '@impflow/core';
import { builtInRegistries, extendRegistries, type Registries } from '@impflow/flows';
import type { DataSet } from '@impflow/tables';
import { backends } from '../adapters/backends.ts';
import { dataNames } from '../dataset/source.ts';
import type { OutputOptions } from '../terminal/output.ts';
import { loadPlugin } from './plugin-module.ts';

export type { Plugin } from '@impflow/flows';

/** All registries of the command line, with the names of loaded plugins. */
export interface AllRegistries extends Registries {
  readonly backend: Registry<BackendAdapter>;
  /** Data sets of plugins. This registry does not contain the bundled data sets. */
  readonly data: Registry<DataSet>;
}

/**
 * Returns the registries, extended by the methods and data sets of the given plugins. A plugin is given as a package or
 * as the path of a module. Loading a plugin runs its code, so `plugins` must come from the user, never from a file. If
 * `options` are given, remarks go to standard error.
 *
 * @throws `input` for a module that cannot be loaded or is not a plugin; `registry` for a name that is taken.
 */
export const registriesWith = async (
  plugins: readonly string[] = [],
  options: OutputOptions = { quiet: true },
): Promise<AllRegistries> => {
  let registries: AllRegistries = {
    ...builtInRegistries,
    backend: backends,
    data: registry<DataSet>('data set', {}, ['load']),
  };
  for (const name of plugins) registries = extendRegistries(registries, await loadPlugin(name, options), name);
  const shadowed = registries.data.names.find((name) => dataNames().includes(name));
  if (shadowed !== undefined)
    throw new FlowError('registry', 'cli', `The data set name ${shadowed} is taken`, {
      hint: 'Rename the data set of the plugin.',
    });
  return registries;
};

/**
 * Returns the data set that a plugin provides under this name; undefined for another name.
 *
 * @throws `option` if a file has the same name.
 */
export const setOf = ({ data: sets }: Pick<AllRegistries, 'data'>, name: string): DataSet | undefined => {
  if (!sets.has(name)) return undefined;
  if (existsSync(name)) {
    throw new FlowError('option', 'cli', `"${name}" is both a data set of a plugin and a file in this folder`, {
      hint: `Write ./${name} for the file, or work in another folder.`,
    });
  }
  return sets.create({ name });
};

/** Returns the name of a plugin. A path is made absolute, so that it is valid in every folder. */
export const pluginSource = (name: string): string => (existsSync(resolve(name)) ? resolve(name) : name);
