// Puts the libraries of @impflow/kernels-native for all platforms into the copy of the workspace that is packed.
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../message-of.mjs';
import { faultOf, librariesIn, PLATFORMS, RELEASED } from '../native-libraries.mjs';
import { node } from './run.mjs';
import { root } from './workspace.mjs';

/**
 * Checks that a folder has the libraries of all platforms, compiled by zig from the current sources.
 *
 * @param {string} folder
 * @throws if a library is missing or wrong; the message lists the fault of each library.
 */
export const checkLibraries = (folder) => {
  const faults = Object.keys(PLATFORMS).flatMap((platform) => {
    const compiler = librariesIn(folder)[platform]?.compiler ?? '';
    const fault = faultOf(folder, platform) ?? (compiler.startsWith('zig') ? undefined : `compiled by ${compiler}`);
    return fault === undefined ? [] : [`${platform} is ${fault}`];
  });
  if (faults.length > 0)
    throw new Error(`@impflow/kernels-native cannot be published without its libraries: ${faults.join('; ')}.`);
};

/**
 * Compiles the libraries of all platforms, and puts them into `folder` in place of the library of this machine. If zig
 * is missing and cannot be installed, a rehearsal keeps the library of this machine and calls `say` with the reason.
 *
 * @param {string} folder
 * @param {{ say: (what: string) => void; isRehearsal: boolean }} options
 * @throws if a library is missing, except in a rehearsal.
 */
export const putLibraries = async (folder, { say, isRehearsal }) => {
  say('compiling the native kernels for all platforms');
  try {
    await node([join(root, 'tools/zig/setup.mjs')]);
  } catch (error) {
    if (!isRehearsal) throw error;
    const why = messageOf(error).trim().split('\n').at(-1);
    return say(`NOT PACKED: native kernels for other platforms, because zig cannot be installed. ${why}`);
  }
  await node([join(root, 'tools/build-native.mjs'), '--all'], { seconds: 900 });
  rmSync(folder, { recursive: true, force: true });
  cpSync(RELEASED, folder, { recursive: true });
  checkLibraries(folder);
};
