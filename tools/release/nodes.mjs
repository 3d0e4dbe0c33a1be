// The versions of Node that users have: this one, and the current 22 and 24, whose binaries npm has for many machines.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { install } from './project.mjs';
import { run } from './run.mjs';

const OTHERS = ['22', '24'];
const platform = process.platform === 'win32' ? 'win' : process.platform;

/** Of each: its version and the folder to put before the PATH. `say` is told of those that cannot be had. */
export const otherNodes = async (folder, say) => {
  const found = [];
  for (const major of OTHERS.filter((one) => !process.version.startsWith(`v${one}.`))) {
    const name = `node${major}`;
    try {
      // The binary itself: the package `node` fetches it by a script, which npm does not run unasked.
      await install(folder, { ours: [], dependencies: { ...Object.fromEntries(found.map(({ alias, wanted }) => [alias, wanted])), [name]: `npm:node-${platform}-${process.arch}@${major}` } });
      const path = join(folder, 'node_modules', name, 'bin');
      const { stdout } = await run(join(path, existsSync(join(path, 'node.exe')) ? 'node.exe' : 'node'), ['--version']);
      found.push({ version: stdout.trim(), path, alias: name, wanted: `npm:node-${platform}-${process.arch}@${major}` });
    } catch (error) {
      say(`NOT RUN on Node ${major}: ${error.message.split('\n').slice(0, 2).join(' ')}`);
    }
  }
  return found;
};
