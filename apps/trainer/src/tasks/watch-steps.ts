import { open } from 'node:fs/promises';
import type { RunPaths } from '../run-folder/folder.ts';

const EVERY_MS = 1000;
/** Bytes at the end of the metrics that hold a whole line. */
const TAIL = 4096;

/**
 * Calls `onSteps` when the metrics of a run have new steps, at most once a second. They are written at each validation.
 * Returns a function that ends it.
 */
export const watchSteps = (paths: Pick<RunPaths, 'metrics'>, onSteps: (steps: number) => void): (() => void) => {
  let last = 0;
  let ended = false;
  const timer = setInterval(() => {
    void lastStep(paths.metrics).then((step) => {
      if (ended || step === undefined || step <= last) return;
      last = step;
      onSteps(step);
    });
  }, EVERY_MS);
  return () => {
    ended = true;
    clearInterval(timer);
  };
};

/** The step of the last whole line; undefined if there is none. */
const lastStep = async (path: string): Promise<number | undefined> => {
  try {
    const file = await open(path);
    try {
      const { size } = await file.stat();
      const { buffer, bytesRead } = await file.read(Buffer.alloc(TAIL), 0, TAIL, Math.max(0, size - TAIL));
      const line = buffer.toString('utf8', 0, bytesRead).split('\n').at(-2);
      const step = /^\{"step":(\d+),/.exec(line ?? '')?.[1];
      return step === undefined ? undefined : Number(step);
    } finally {
      await file.close();
    }
  } catch {
    // Not written yet.
    return undefined;
  }
};
