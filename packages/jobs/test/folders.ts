import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll } from 'vitest';

/** Makes a temporary folder, which is deleted after the tests of the file. */
export const temporary = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'impflow-jobs-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};

/** Waits until a condition holds, for at most a minute. */
export const until = async (holds: () => boolean): Promise<void> => {
  for (let i = 0; i < 6000; i++) {
    if (holds()) return;
    await pause(10);
  }
  throw new Error('The condition did not hold within a minute');
};
