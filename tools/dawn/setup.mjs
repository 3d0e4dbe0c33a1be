// Installs the package `webgpu` for the tests of @impflow/backend-webgpu in Node: see README.md beside this file. Skips
// steps that are already done.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { cache, files, installedAt, isInstalled, link, whyNotDawn } from './installed.mjs';

if (!isInstalled()) {
  console.error('[dawn] installing webgpu, 138 MB');
  mkdirSync(cache, { recursive: true });
  for (const file of files) cpSync(file, join(cache, basename(file)));
  const { status } = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: cache,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (status !== 0) {
    console.error('[dawn] npm ci failed. It needs the npm registry.');
    process.exit(1);
  }
}
rmSync(link, { recursive: true, force: true });
symlinkSync(relative(dirname(link), installedAt), link, 'junction');
const reason = whyNotDawn();
console.error(reason === undefined ? '[dawn] webgpu() runs in Node.' : `[dawn] webgpu() does not run: ${reason}.`);
process.exitCode = reason === undefined ? 0 : 1;
