// Builds the playground once for all test files of a run, as `npm run demo` does. Fails if the build prints a warning.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** The folder of the built playground. Tests must not write into this folder. */
    playground: string;
  }
}

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));

export const setup = (project: TestProject): (() => void) => {
  const folder = mkdtempSync(join(tmpdir(), 'impflow-playground-'));
  // In a test process NODE_ENV is `test`. Vite would compile this value into the page, so the build runs without
  // NODE_ENV.
  const { NODE_ENV: _test, ...env } = process.env;
  const build = [
    'node_modules/vite/bin/vite.js',
    'build',
    'apps/demo',
    '--outDir',
    folder,
    '--emptyOutDir',
    '--logLevel',
    'warn',
  ];
  const { status, stdout, stderr } = spawnSync(process.execPath, build, { cwd: ROOT, env, encoding: 'utf8' });
  // `npm run demo` prints the warnings of a build above the address of the page, so a build must have no warnings.
  if (status !== 0 || `${stdout}${stderr}`.trim() !== '')
    throw new Error(`The build of the playground failed or printed warnings:\n${stdout}${stderr}`);
  project.provide('playground', folder);
  return () => rmSync(folder, { recursive: true, force: true });
};
