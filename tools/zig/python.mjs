// The Python environment of zig, which `npm run setup:zig` creates with the version of requirements.txt.
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

/** Why zig does not run on this machine; undefined if it does. */
export const noZig = zigPython.ready() ? undefined : 'zig is not set up. Run: npm run setup:zig';
