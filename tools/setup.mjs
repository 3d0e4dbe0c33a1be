// Sets up a fresh clone: dependencies, generated files, compiled packages. Skips what is already
// done, so every command of the README can start with it. With `--scale` also the packages for more than one machine.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { PNPM } from './pnpm.mjs';
import { hasScale, SCALE, STAMP, stamps } from './scale.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const quiet = process.argv.includes('--quiet');
const wantsScale = process.argv.includes('--scale') || hasScale();

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(
    `[setup] Node is too old: expected >= 20.19, got ${process.versions.node}. Install a current Node.js from https://nodejs.org.`,
  );
  process.exit(1);
}

/**
 * Runs a command; its output is printed only if it fails.
 *
 * @param {string} what
 * @param {string} command
 * @param {readonly string[]} args
 */
const run = (what, command, args) => {
  if (!quiet) console.error(`[setup] ${what}`);
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd: root,
    encoding: 'utf8',
    shell: process.platform === 'win32' && command === 'npx',
    maxBuffer: 1 << 26,
    env: { ...process.env, npm_config_loglevel: 'error' },
  });
  if (status === 0) return;
  console.error(stdout ?? '', stderr ?? '', error?.message ?? '');
  console.error(`[setup] ${what} failed.`);
  process.exit(1);
};

const wanted = stamps()[wantsScale ? 'scale' : 'usual'];
const installed = existsSync(STAMP) ? readFileSync(STAMP, 'utf8') : '';
if (installed !== wanted) {
  const others = wantsScale ? [] : SCALE.map((name) => `--filter=!${name}`);
  run('installing dependencies', 'npx', ['--yes', PNPM, 'install', '--frozen-lockfile', ...others]);
  writeFileSync(STAMP, wanted);
}
if (!existsSync(`${root}/packages/core/generated/register-gradients.js`)) {
  run('bundling the gradients of TensorFlow.js', process.execPath, ['tools/bundle-gradients.mjs']);
}
run('compiling the kernels', process.execPath, ['tools/build-kernels.mjs']);
run('bundling impflow for pages', process.execPath, ['tools/bundle-page.mjs']);
run('compiling the packages', process.execPath, ['node_modules/typescript/bin/tsc', '-b']);
if (wantsScale)
  run('compiling the packages for more than one machine', process.execPath, [
    'node_modules/typescript/bin/tsc',
    '-b',
    'tsconfig.scale.json',
  ]);
