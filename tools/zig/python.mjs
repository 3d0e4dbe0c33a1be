// Finds the Python environment that contains zig. `npm run setup:zig` creates this environment with the version in
// requirements.txt.
import { fileURLToPath } from 'node:url';
import { environmentOf } from '../bench/environment.mjs';

/** @param {string} path */
const here = (path) => fileURLToPath(new URL(path, import.meta.url));

export const zigPython = environmentOf({
  folder: here('../../node_modules/.cache/zig'),
  requirements: here('requirements.txt'),
});

/** The C compiler of zig, as a command with its first arguments. @type {readonly [string, ...string[]]} */
export const ZIG_CC = [zigPython.command, '-m', 'ziglang', 'cc'];

/** The reason why zig does not run on this machine; undefined if it runs. */
export const noZig = zigPython.ready() ? undefined : 'zig is not set up. Run: npm run setup:zig';
