// Sets up a fresh clone: dependencies, generated files, compiled packages. Skips steps that are already done, so every
// command of the README can start with it.
//   --start   only what the command line needs
//   --quiet   prints nothing unless a step fails
import { spawn } from 'node:child_process';
import { existsSync, lstatSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { INSTALL, installed, STAMP, stampOf } from './installed.mjs';
import { PNPM } from './pnpm.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const quiet = process.argv.includes('--quiet');

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(
    `[setup] Node is too old: expected >= 20.19, got ${process.versions.node}. Install a current Node.js from https://nodejs.org.`,
  );
  process.exit(1);
}

/** Interval in ms at which a long step prints a line. */
const HEARTBEAT = 4000;

/**
 * Runs a step. The output of the step is printed only if the step fails. Lines that begin with NOTE are always printed.
 *
 * @param {string} what
 * @param {string} command
 * @param {readonly string[]} args
 * @param {() => string} [result] Printed after the step, before its seconds.
 */
const run = async (what, command, args, result = () => '') => {
  const began = performance.now();
  const seconds = () => `${((performance.now() - began) / 1000).toFixed(0)} s`;
  /** @param {string} line */
  const say = (line) => quiet || console.error(`[setup] ${line}`);
  const child = spawn(command, args, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: process.platform === 'win32' && command === 'npx',
    env: { ...process.env, npm_config_loglevel: 'error' },
  });
  /** @type {string[]} */
  const output = [];
  let progress = '';
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on('line', (line) => {
      output.push(line);
      if (line.startsWith('Progress: ')) progress = `, packages ${line.slice(10).replace(/, done$/, '')}`;
    });
  const beat = setInterval(() => say(`${what}: ${seconds()}${progress}`), HEARTBEAT);
  /** @type {number | Error | null} */
  const status = await new Promise((resolve) => child.on('close', resolve).on('error', resolve));
  clearInterval(beat);
  if (status === 0) {
    if (performance.now() - began > 500) say(`${what}: ${result()}${seconds()}`);
    for (const line of output) if (line.startsWith('NOTE: ')) say(line.slice(6));
    return;
  }
  console.error(output.join('\n'), status instanceof Error ? status.message : '');
  console.error(`[setup] ${what} failed.`);
  process.exit(1);
};

/**
 * Returns the bytes of a folder on the disk. Links are not followed.
 *
 * @param {string} folder
 * @returns {number}
 */
const bytesOf = (folder) =>
  readdirSync(folder, { withFileTypes: true }).reduce((sum, entry) => {
    const path = join(folder, entry.name);
    return sum + (entry.isDirectory() ? bytesOf(path) : entry.isFile() ? lstatSync(path).size : 0);
  }, 0);

const { level, current } = installed();
// The level is never lowered, because an installation of a lower level would remove packages.
const wanted = process.argv.includes('--start') && level !== 'tests' ? 'start' : 'tests';
const { execPath: node } = process;
if (level !== wanted || !current) {
  // With more connections, some registries delay the first downloads by a minute.
  const careful = ['--frozen-lockfile', '--network-concurrency=16', '--reporter=append-only'];
  const args = ['--yes', PNPM, 'install', ...careful, ...INSTALL[wanted]];
  const megabytes = () => `${(bytesOf(join(root, 'node_modules')) / 1e6).toFixed(0)} MB, `;
  await run('installing dependencies', 'npx', args, megabytes);
  writeFileSync(STAMP, stampOf(wanted));
}
if (!existsSync(`${root}/packages/core/generated/register-gradients.js`))
  await run('bundling the gradients of TensorFlow.js', node, ['tools/bundle-gradients.mjs']);
await run('preparing the kernels', node, ['tools/build-kernels.mjs']);
await run('compiling the native kernels', node, ['tools/build-native.mjs']);
if (wanted !== 'start') await run('bundling impflow for pages', node, ['tools/bundle-page.mjs']);
/** `npm start` does not check types; `npm test` and `npm run setup` do. */
const projects = wanted === 'start' ? ['apps/trainer', '--noCheck'] : [];
await run('compiling the packages', node, ['node_modules/typescript/bin/tsc', '-b', ...projects]);
