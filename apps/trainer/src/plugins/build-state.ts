import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';

/** Returns the content of the `package.json` of a folder; an empty object if it cannot be read. */
export const manifestOf = (
  folder: string,
): {
  readonly name?: unknown;
  readonly main?: unknown;
  readonly exports?: unknown;
  readonly scripts?: { readonly build?: unknown };
} => {
  try {
    return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as object;
  } catch {
    return {};
  }
};

/**
 * Returns the path of a package's main module, relative to the folder of the package, if the package is not compiled. A
 * package is not compiled if its main module does not exist and its folder has sources. Returns undefined for any other
 * package.
 */
export const uncompiled = (folder: string): string | undefined => {
  const { exports, main } = manifestOf(folder);
  const entry = entryIn(exports) ?? (typeof main === 'string' ? main : undefined);
  const hasSources = existsSync(join(folder, 'src')) || existsSync(join(folder, 'tsconfig.json'));
  return entry !== undefined && hasSources && !existsSync(join(folder, entry)) ? entry.replace(/^\.\//, '') : undefined;
};

/**
 * Returns the path of the module that an import of the package loads, from the field `exports` of its `package.json`.
 */
const entryIn = (exports: unknown): string | undefined => {
  if (typeof exports === 'string') return exports;
  if (typeof exports !== 'object' || exports === null) return undefined;
  const conditions = exports as Readonly<Record<string, unknown>>;
  const found =
    '.' in conditions
      ? ['.']
      : Object.keys(conditions).filter((condition) => ['node', 'import', 'module-sync', 'default'].includes(condition));
  return found.map((condition) => entryIn(conditions[condition])).find((entry) => entry !== undefined);
};

/**
 * Returns the folder of a package if its newest source in `src` is newer than every file in `dist`; otherwise
 * undefined. `path` is the folder or a file in its `dist`. Packages in `node_modules` are skipped: their file times are
 * the times of the installation.
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

/**
 * Returns the time of the last change of a file in a folder, in milliseconds, or 0 if there are no files. The build
 * record of the compiler counts as a file, because a compiler that finds no changes updates only this record.
 */
const newest = (folder: string): number =>
  existsSync(folder)
    ? Math.max(
        0,
        ...readdirSync(folder, { recursive: true, withFileTypes: true }).map((file) =>
          file.isFile() ? statSync(join(file.parentPath, file.name)).mtimeMs : 0,
        ),
      )
    : 0;

/** Returns the command that compiles a package. */
export const compileCommand = (folder: string): string =>
  typeof manifestOf(folder).scripts?.build === 'string'
    ? `npm run build --prefix ${shortest(folder)}`
    : `npx tsc -b ${shortest(folder)}`;

/** Returns a relative path for a path inside the current folder, and an absolute path for any other path. */
export const shortest = (path: string): string => {
  const here = relative('', resolve(path));
  return here === '' ? '.' : here.startsWith('..') ? resolve(path) : here;
};
