// The package manager of this workspace, in the version of package.json. The tools run it with `npx --yes`, because a
// fresh machine has only Node and npm.
import { readFileSync } from 'node:fs';

/** Name and version of the package manager, such as `pnpm@12.21.0`. @type {string} */
export const PNPM = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).packageManager;
