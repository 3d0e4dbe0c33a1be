import type * as Computing from './computing.ts';

/** Address of the script that contains all code that computes. A bundler emits the file unchanged. */
export const moduleUrl = (): string => new URL('../../generated/page.js', import.meta.url).href;

/**
 * Loads the script into this thread. The page and its workers run one file, which is downloaded once; a bundler would
 * give a worker a separate copy.
 */
export const loadModule = (): Promise<typeof Computing> =>
  import(/* @vite-ignore */ /* webpackIgnore: true */ moduleUrl()) as Promise<typeof Computing>;
