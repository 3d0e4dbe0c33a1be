import type * as Computing from './computing.ts';

/** Returns the address of the script that contains all code that computes. A bundler copies the file unchanged. */
export const moduleUrl = (): string => new URL('../../generated/page.js', import.meta.url).href;

/**
 * Loads the bundled script generated/page.js into this thread. The script contains all code that computes. The page and
 * its workers run one file, so it is downloaded only once. A bundler would give the worker a separate copy.
 */
export const loadModule = (): Promise<typeof Computing> =>
  import(/* @vite-ignore */ /* webpackIgnore: true */ moduleUrl()) as Promise<typeof Computing>;
