// The computation of a test task. A task computes the bytes of one file, the "part". The bytes depend only on the
// number of the part and on the number of rounds.
import { createHash } from 'node:crypto';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** Returns the name of the file that a test task writes. @param {number} part */
export const partName = (part) => `part-${String(part).padStart(5, '0')}.bin`;

/**
 * Computes the bytes of a part. 100,000 rounds take a few hundred milliseconds on an idle machine.
 *
 * @param {number} part
 * @param {number} rounds
 * @returns {Buffer}
 */
export const partBytes = (part, rounds) => {
  let digest = createHash('sha256').update(String(part)).digest();
  for (let round = 0; round < rounds; round++) digest = createHash('sha256').update(digest).digest();
  return Buffer.concat(
    Array.from({ length: 128 }, (_, i) => createHash('sha256').update(digest).update(`${i}`).digest()),
  );
};

/**
 * Writes the file of a part under a temporary name, and renames it after `waitMs` milliseconds.
 *
 * @param {import('./harness.ts').PartTask} task
 */
export const writePart = async ({ folder, part, rounds, waitMs = 0 }) => {
  const temporary = join(folder, `.${partName(part)}.${process.pid}`);
  await writeFile(temporary, partBytes(part, rounds));
  await pause(waitMs);
  await rename(temporary, join(folder, partName(part)));
};
