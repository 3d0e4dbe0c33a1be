import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** Version in the manifest of a package, by its name or by a path from this file. */
export const versionOf = (name: string): string =>
  (require(`${name}/package.json`) as { readonly version: string }).version;

/** Version of this program. */
export const VERSION: string = versionOf('..');
