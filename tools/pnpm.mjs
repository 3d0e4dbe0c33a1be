// The package manager of this workspace, by the version in package.json. Run it with `npx --yes`: Node and npm are all
// that a fresh machine has.
import { readFileSync } from 'node:fs';

/** Such as `pnpm@12.21.0`. @type {string} */
export const PNPM = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).packageManager;
