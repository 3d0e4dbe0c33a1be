import { open, readFile } from 'node:fs/promises';
import { writeAtomically } from '@impflow/core';
import { type FitStep, type StepMetrics } from '@impflow/training';
import type { CurvePoint } from '../plots/curves.ts';
import type { RunPaths } from './folder.ts';

/** What a line holds: a step, and what else its validation found. */
export interface RecordedStep extends StepMetrics {
  /** Share of held-out images that are classified right. */
  readonly accuracy?: number;
}

/** One line of `metrics.jsonl`: no clock in it, so that two runs of the same options write the same bytes. */
export const metricsLine = ({ state: _state, seconds: _seconds, ...metrics }: FitStep, found: Pick<RecordedStep, 'accuracy'> = {}): string => `${JSON.stringify({ ...metrics, ...found })}\n`;

/** Appends lines, down to the disk. */
export const appendMetrics = async ({ metrics }: Pick<RunPaths, 'metrics'>, lines: readonly string[]): Promise<void> => {
  if (lines.length === 0) return;
  const file = await open(metrics, 'a');
  try {
    await file.writeFile(lines.join(''));
    await file.sync();
  } finally {
    await file.close();
  }
};

/** The lines up to a step, as they are; what follows it will be done again. */
export const keepMetrics = async ({ metrics }: Pick<RunPaths, 'metrics'>, step: number): Promise<void> => {
  const lines = await wholeLines(metrics);
  const kept = lines.filter((line) => (JSON.parse(line) as StepMetrics).step <= step);
  await writeAtomically(metrics, new TextEncoder().encode(kept.map((line) => `${line}\n`).join('')));
};

/** The metrics of every step on record; none where there is no such file. */
export const readMetrics = async ({ metrics }: Pick<RunPaths, 'metrics'>): Promise<readonly RecordedStep[]> =>
  (await wholeLines(metrics)).map((line) => JSON.parse(line) as RecordedStep);

export const curvePoint = (metrics: RecordedStep): CurvePoint => ({
  ...metrics, ...(metrics.solves?.forward === undefined ? {} : { solverSteps: metrics.solves.forward.steps }),
});

/** A killed process may leave half a line at the end. */
const wholeLines = async (path: string): Promise<readonly string[]> =>
  (await readFile(path, 'utf8').catch(() => '')).split('\n').slice(0, -1).filter((line) => line.startsWith('{') && line.endsWith('}'));
