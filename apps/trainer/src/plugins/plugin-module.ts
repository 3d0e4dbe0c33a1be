import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, extname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { FlowError } from '@impflow/core';
import { note, type OutputOptions } from '../terminal/output.ts';
import { compileCommand, manifestOf, shortest, stalePackage, uncompiled } from './build-state.ts';

/**
 * Imports the module of a plugin. Prints a remark if its sources are newer than the compiled files.
 *
 * @throws `input` if the module cannot be loaded.
 */
export const loadPlugin = async (name: string, options: OutputOptions): Promise<object> => {
  const url = located(name);
  assertRunnable(name, url);
  const stale =
    url.startsWith('file:') && existsSync(fileURLToPath(url)) ? stalePackage(fileURLToPath(url)) : undefined;
  if (stale !== undefined)
    note(options, `The plugin "${name}" has changed since it was compiled. Compile it: ${compileCommand(stale)}`);
  try {
    return (await import(url)) as object;
  } catch (cause) {
    throw unloadable(name, cause);
  }
};

const unloadable = (name: string, cause: unknown): FlowError => {
  const reason = isMissing(name)
    ? 'nothing at that path'
    : (cause instanceof Error ? cause.message : String(cause)).split('\n')[0]!;
  return new FlowError('input', 'cli', `Cannot load the plugin "${name}" (${reason})`, { cause, hint: hintFor(cause) });
};

/**
 * Returns the module specifier to import for the name of a plugin. The name may be a file, the folder of a package, a
 * package installed in the current folder, a package of the surrounding workspace, or a package that this program can
 * resolve.
 */
const located = (name: string): string => {
  const path = resolve(name);
  if (existsSync(path)) return pathToFileURL(statSync(path).isDirectory() ? entryOf(path, name) : path).href;
  try {
    return pathToFileURL(createRequire(resolve('here.js')).resolve(name)).href;
  } catch {
    const folder = inWorkspace(name);
    return folder === undefined ? name : pathToFileURL(entryOf(folder, name)).href;
  }
};

/** Returns the main module of a package folder, found from its `exports` or by the older rules for folders. */
const entryOf = (folder: string, name: string): string => {
  const missing = uncompiled(folder);
  if (missing !== undefined)
    throw new FlowError('input', 'cli', `The plugin "${name}" is not compiled`, {
      expected: shortest(join(folder, missing)),
      got: 'no such file',
      hint: `Compile it: ${compileCommand(folder)}`,
    });
  const inside = createRequire(join(folder, 'here.js'));
  const own = manifestOf(folder).name;
  try {
    return inside.resolve(String(own));
  } catch {
    try {
      return inside.resolve(folder);
    } catch (cause) {
      throw unloadable(name, cause);
    }
  }
};

/**
 * Returns the folder of the package with this name in the surrounding pnpm workspace. In a workspace, the import by
 * name may fail, because pnpm does not link a package on which no other package depends.
 */
const inWorkspace = (name: string): string | undefined => {
  for (let root = resolve(); ; root = dirname(root)) {
    const file = join(root, 'pnpm-workspace.yaml');
    if (existsSync(file)) {
      const parents = [...readFileSync(file, 'utf8').matchAll(/^\s*-\s*['"]?([\w./@-]+)\/\*['"]?\s*$/gm)].map((match) =>
        join(root, match[1]!),
      );
      return parents
        .filter((parent) => existsSync(parent))
        .flatMap((parent) => readdirSync(parent).map((folder) => join(parent, folder)))
        .find((folder) => manifestOf(folder).name === name);
    }
    if (root === dirname(root)) return undefined;
  }
};

const TYPESCRIPT = /\.[cm]?ts$/;

/** @throws `input` for a TypeScript file if this version of Node cannot run TypeScript. */
const assertRunnable = (name: string, url: string): void => {
  if (!TYPESCRIPT.test(url) || (process.features as { readonly typescript?: unknown }).typescript) return;
  throw new FlowError('input', 'cli', `The plugin "${name}" is TypeScript, which this version of Node does not run`, {
    expected: 'JavaScript, or Node 22.18 or newer',
    got: `Node ${process.versions.node}`,
    hint: 'Compile it and give the JavaScript file, such as dist/index.js, or use a newer Node.',
  });
};

const hintFor = (cause: unknown): string =>
  (cause as { readonly code?: unknown } | null)?.code === 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX'
    ? 'Node only removes types: use no enums, namespaces or parameter properties, or compile the plugin.'
    : 'Give an installed package or the path of a module.';

const isMissing = (name: string): boolean =>
  (/^\.{0,2}[/\\]/.test(name) || extname(name) !== '') && !existsSync(resolve(name));
