import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';

/** File name of the service worker. The file is in the same folder as the page. */
const SCRIPT = 'service-worker.js';

/**
 * Writes a service worker that caches all files of the built page. The service worker is written after all other files,
 * including the files of the web workers.
 */
export const offline = (): Plugin => {
  let folder: string;
  return {
    name: 'offline',
    apply: 'build',
    configResolved: ({ root, build: { outDir } }) => {
      folder = join(root, outDir);
      if (outDir.startsWith(sep)) folder = outDir;
    },
    closeBundle: {
      order: 'post',
      sequential: true,
      handler: async () => {
        const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
        const files = entries
          .filter((entry) => entry.isFile() && entry.name !== SCRIPT)
          .map((entry) => join(entry.parentPath, entry.name))
          .toSorted();
        // If the build has failed, there are no files to cache.
        if (files.length === 0) return;
        const hash = createHash('sha256');
        for (const file of files) hash.update(await readFile(file));
        const names = files
          .map((file) => file.slice(folder.length + 1).replaceAll(sep, '/'))
          .filter((name) => name !== 'index.html');
        const template = await readFile(fileURLToPath(new URL(SCRIPT, import.meta.url)), 'utf8');
        await writeFile(
          join(folder, SCRIPT),
          template
            .replace('__VERSION__', hash.digest('hex').slice(0, 12))
            .replace("'__FILES__'", names.map((name) => `'./${name}'`).join(', ')),
        );
      },
    },
  };
};
