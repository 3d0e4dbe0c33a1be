import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { FlowError } from '@impflow/core';
import { extendRegistries, registries as builtIn, type Registries } from '@impflow/flows';

export type { Plugin } from '@impflow/flows';

/**
 * The registries with everything that the named plugins bring: packages, or paths of modules. Loading a plugin runs its code,
 * so only names that the caller typed come here, never names from a file.
 *
 * @throws `input` for a module that cannot be loaded or is no plugin; `registry` for a name that is taken.
 */
export const withPlugins = async (plugins: readonly string[] = []): Promise<Registries> => {
  let registries = builtIn;
  for (const name of plugins) registries = extendRegistries(registries, await load(name), name);
  return registries;
};

/** A plugin's name, with paths made to mean the same from every folder. */
export const pluginSource = (name: string): string => (existsSync(resolve(name)) ? resolve(name) : name);

/** What to import: a file, a package installed where the caller stands, or one that this program can see itself. */
const located = (name: string): string => {
  if (existsSync(resolve(name))) return pathToFileURL(resolve(name)).href;
  try {
    return pathToFileURL(createRequire(resolve('here.js')).resolve(name)).href;
  } catch {
    return name;
  }
};

const isMissing = (name: string): boolean => (/^\.{0,2}[/\\]/.test(name) || extname(name) !== '') && !existsSync(resolve(name));

const load = async (name: string): Promise<object> => {
  try {
    return await import(located(name)) as object;
  } catch (cause) {
    const reason = isMissing(name) ? 'nothing at that path' : (cause as Error).message.split('\n')[0]!;
    throw new FlowError('input', 'cli', `Cannot load the plugin "${name}" (${reason})`, { cause, hint: 'Give an installed package or the path of a module.' });
  }
};
