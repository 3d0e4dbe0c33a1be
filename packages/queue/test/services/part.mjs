// The work of the tasks in the tests. A task computes a part, whose bytes depend only on its number and on the number
// of rounds.
import { createHash } from 'node:crypto';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** Returns the name of a part's file. @param {number} part */
export const partName = (part) => `part-${String(part).padStart(5, '0')}.bin`;

/**
 * Computes the bytes of a part: some hundred milliseconds for 100,000 rounds on an idle machine.
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
 * Writes a part under a temporary name and, after a while, renames it.
 *
 * @param {import('./harness.ts').PartTask} task
 */
export const writePart = async ({ folder, part, rounds, waitMs = 0 }) => {
  const temporary = join(folder, `.${partName(part)}.${process.pid}`);
  await writeFile(temporary, partBytes(part, rounds));
  await pause(waitMs);
  await rename(temporary, join(folder, partName(part)));
};
