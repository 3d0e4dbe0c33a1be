import type { StepEvent } from 'impflow';
import type { RunPaths } from './folder.ts';
import { appendMetrics, clearMetrics, metricsLine, truncateMetrics } from './metrics.ts';

/** Writes the metrics of steps, before each checkpoint, so that every step up to the checkpoint has its line. */
interface StepWriter {
  /** Call it when a training begins, or continues after `step`. */
  begin(step: number): void;
  /** Keeps the metrics of a step until the next save. */
  add(event: StepEvent): void;
  /** Writes the kept metrics. Returns a sentence if the file lacks earlier steps. */
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
