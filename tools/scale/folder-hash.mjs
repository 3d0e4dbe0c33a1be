// Returns one hash of all files in a folder, and their size.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** @param {string} folder */
export const folderHash = (folder) => {
  const hash = createHash('sha256');
  let bytes = 0;
  for (const name of readdirSync(folder).sort()) {
    const content = readFileSync(join(folder, name));
    hash.update(name).update(createHash('sha256').update(content).digest());
    bytes += content.length;
  }
  return { sha256: hash.digest('hex'), bytes };
};
