import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/**
 * Returns the version in the `package.json` of a package, which is given by its name or by a path relative to this
 * file.
 */
export const versionOf = (name: string): string =>
  (require(`${name}/package.json`) as { readonly version: string }).version;

/** Version of this program. */
export const VERSION: string = versionOf('..');
