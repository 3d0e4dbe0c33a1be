import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';

/** What a package's folder says of itself; nothing where it has no `package.json` that can be read. */
export const manifestOf = (folder: string): { readonly name?: unknown; readonly main?: unknown; readonly exports?: unknown; readonly scripts?: { readonly build?: unknown } } => {
  try {
    return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as object;
  } catch {
    return {};
  }
};

/** The module that a package's folder stands for, as its `package.json` says, if it is missing and has sources to be compiled from: its path inside of the folder. */
export const uncompiled = (folder: string): string | undefined => {
  const { exports, main } = manifestOf(folder);
  const entry = entryIn(exports) ?? (typeof main === 'string' ? main : undefined);
  const hasSources = existsSync(join(folder, 'src')) || existsSync(join(folder, 'tsconfig.json'));
  return entry !== undefined && hasSources && !existsSync(join(folder, entry)) ? entry.replace(/^\.\//, '') : undefined;
};

/** Where Node looks first in `exports`: at `.`, and there at what is for imports. */
const entryIn = (exports: unknown): string | undefined => {
  if (typeof exports === 'string') return exports;
  if (typeof exports !== 'object' || exports === null) return undefined;
  const conditions = exports as Readonly<Record<string, unknown>>;
  const found = '.' in conditions ? ['.'] : Object.keys(conditions).filter((condition) => ['node', 'import', 'module-sync', 'default'].includes(condition));
  return found.map((condition) => entryIn(conditions[condition])).find((entry) => entry !== undefined);
};

/**
 * The folder of a package whose sources in `src` are newer than all that was compiled of them to `dist`: `path` is that folder, or a file in `dist`. Any other file is its own source.
 * Packages in `node_modules` are not looked at: there times say when they were unpacked.
 */
export const stalePackage = (path: string): string | undefined => {
  const real = realpathSync(path);
  if (real.split(sep).includes('node_modules')) return undefined;
  const inside = real.lastIndexOf(`${sep}dist${sep}`);
  const folder = statSync(real).isDirectory() ? real : inside < 0 ? undefined : real.slice(0, inside);
  if (folder === undefined || !existsSync(join(folder, 'package.json'))) return undefined;
  const [source, compiled] = [newest(join(folder, 'src')), newest(join(folder, 'dist'))];
  return compiled > 0 && source > compiled ? folder : undefined;
};

/** When a file in a folder was last written, in milliseconds; 0 where there is none. A compiler that finds nothing to do writes its own record anew. */
const newest = (folder: string): number =>
  existsSync(folder) ? Math.max(0, ...readdirSync(folder, { recursive: true, withFileTypes: true }).map((file) => (file.isFile() ? statSync(join(file.parentPath, file.name)).mtimeMs : 0))) : 0;

/** What to type for a package's folder to be compiled. */
export const compileCommand = (folder: string): string =>
  typeof manifestOf(folder).scripts?.build === 'string' ? `npm run build --prefix ${shortest(folder)}` : `npx tsc -b ${shortest(folder)}`;

/** A path as one would type it here. */
export const shortest = (path: string): string => {
  const here = relative('', resolve(path));
  return here === '' ? '.' : here.startsWith('..') ? resolve(path) : here;
};
