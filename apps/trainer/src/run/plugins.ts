import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { FlowError } from '@impflow/core';
import { registries as builtIn, type Registries } from '@impflow/flows';

const KINDS = ['solver', 'logDet', 'activation', 'base', 'block'] as const;

/** What a plugin module exports under the name `impflow`: factories by kind and name. */
export type Plugin = { readonly [K in (typeof KINDS)[number]]?: Readonly<Record<string, (options: never) => unknown>> };

/**
 * The registries with everything that the named plugins bring: packages, or paths of modules. Loading a plugin runs its code,
 * so only names that the caller typed come here, never names from a file.
 *
 * @throws `input` for a module that cannot be loaded or is no plugin; `registry` for a name that is taken.
 */
export const withPlugins = async (plugins: readonly string[] = []): Promise<Registries> => {
  let registries = builtIn;
  for (const name of plugins) {
    const plugin = await load(name);
    const extended = { ...registries };
    for (const kind of KINDS) {
      const factories = plugin[kind];
      if (factories !== undefined) Object.assign(extended, { [kind]: registries[kind].extend(factories as never) });
    }
    registries = extended;
  }
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

const load = async (name: string): Promise<Plugin> => {
  let module: { readonly impflow?: unknown };
  try {
    module = await import(located(name)) as typeof module;
  } catch (cause) {
    const reason = isMissing(name) ? 'nothing at that path' : (cause as Error).message.split('\n')[0]!;
    throw new FlowError('input', 'cli', `Cannot load the plugin "${name}" (${reason})`, { cause, hint: 'Give an installed package or the path of a module.' });
  }
  const { impflow } = module;
  const whole = typeof impflow === 'object' && impflow !== null && Object.entries(impflow).every(([kind, factories]) =>
    (KINDS as readonly string[]).includes(kind) && typeof factories === 'object' && factories !== null && Object.values(factories).every((factory) => typeof factory === 'function'));
  if (!whole) {
    throw new FlowError('input', 'cli', `"${name}" is not a plugin`, {
      expected: `an export "impflow" of factories by kind (${KINDS.join(', ')}) and name`, got: `exports ${Object.keys(module).join(', ') || '(none)'}`,
      hint: 'See CONTRIBUTING.md, "A plugin".',
    });
  }
  return impflow as Plugin;
};
