// The supported versions of Node: the running one, and the current 22 and 24, whose binaries are on npm for many
// platforms.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../message-of.mjs';
import { install } from './project.mjs';
import { run } from './run.mjs';

const OTHERS = ['22', '24'];
const platform = process.platform === 'win32' ? 'win' : process.platform;

/**
 * For each: its version and the folder to put first on the PATH. `say` reports versions that are not available.
 *
 * @param {string} folder
 * @param {(what: string) => void} say
 */
export const otherNodes = async (folder, say) => {
  /** @type {{ version: string; path: string; alias: string; wanted: string }[]} */
  const found = [];
  for (const major of OTHERS.filter((one) => !process.version.startsWith(`v${one}.`))) {
    const name = `node${major}`;
    try {
      // The binary itself: the package `node` downloads it in an install script, which npm does not run here.
      await install(folder, {
        ours: [],
        dependencies: {
          ...Object.fromEntries(found.map(({ alias, wanted }) => [alias, wanted])),
          [name]: `npm:node-${platform}-${process.arch}@${major}`,
        },
      });
      const path = join(folder, 'node_modules', name, 'bin');
      const { stdout } = await run(join(path, existsSync(join(path, 'node.exe')) ? 'node.exe' : 'node'), ['--version']);
      found.push({
        version: stdout.trim(),
        path,
        alias: name,
        wanted: `npm:node-${platform}-${process.arch}@${major}`,
      });
    } catch (error) {
      say(`NOT RUN on Node ${major}: ${messageOf(error).split('\n').slice(0, 2).join(' ')}`);
    }
  }
  return found;
};
