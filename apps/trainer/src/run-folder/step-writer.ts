import type { StepEvent } from 'impflow';
import type { RunPaths } from './folder.ts';
import { appendMetrics, clearMetrics, metricsLine, truncateMetrics } from './metrics.ts';

/**
 * Writes the metrics of steps into `metrics.jsonl` before each checkpoint is saved. So every step up to the checkpoint
 * has a line in this file.
 */
interface StepWriter {
  /** Begins a training, or continues it after `step`. */
  begin(step: number): void;
  /** Keeps the metrics of a step in memory until `flush`. */
  add(event: StepEvent): void;
  /**
   * Writes the metrics that `add` has kept in memory. Returns a remark, as a sentence, if the file lacks earlier steps.
   */
  flush(paths: RunPaths): Promise<string | undefined>;
}

/** Makes the writer of a run. */
export const stepWriter = (): StepWriter => {
  let pending: string[] = [];
  let from: number | undefined;
  return {
    begin: (step) => {
      pending = [];
      from = step;
    },
    add: (event) => void pending.push(metricsLine(event)),
    flush: async (paths) => {
      const [lines, first] = [pending, from];
      [pending, from] = [[], undefined];
      const remark = first === undefined ? undefined : await startMetrics(paths, first);
      await appendMetrics(paths, lines);
      return remark;
    },
  };
};

const startMetrics = async (paths: RunPaths, step: number): Promise<string | undefined> => {
  if (step === 0) return void (await clearMetrics(paths));
  const steps = await truncateMetrics(paths, step);
  return steps < step
    ? `${paths.metrics} records ${steps} of the ${step} steps so far: the curves have a gap.`
    : undefined;
};
