import { existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { fileBytes, FlowError, shown, writeAtomically } from '@impflow/core';
import { diskWords } from '@impflow/jobs';
import type { StepMetrics } from '@impflow/training';
import type { StepEvent } from 'impflow';
import { count, nullable, optional, real, record } from 'impflow/run';
import type { RunPaths } from './folder.ts';

/** Content of a line of `metrics.jsonl`: the metrics of a step, and the accuracy of its validation. */
export interface RecordedStep extends StepMetrics {
  /** Share of validation images that are classified correctly. */
  readonly accuracy?: number;
}

/**
 * Returns a line of `metrics.jsonl`. The line contains no times, so that two runs with the same options write the same
 * bytes.
 */
export const metricsLine = ({
  kind: _kind,
  seconds: _seconds,
  steps: _steps,
  progress: _progress,
  ...metrics
}: StepEvent): string => `${JSON.stringify(metrics)}\n`;

/**
 * Appends lines to `metrics.jsonl` and flushes them to the disk.
 *
 * @throws `input` if the lines cannot be written. The checkpoint of the last save is not changed.
 */
export const appendMetrics = async (
  { metrics, folder }: Pick<RunPaths, 'metrics' | 'folder'>,
  lines: readonly string[],
): Promise<void> => {
  if (lines.length === 0) return;
  try {
    const file = await open(metrics, 'a');
    try {
      await file.writeFile(lines.join(''));
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw new FlowError('input', 'cli', `Cannot write to ${metrics}`, {
      expected: 'room for the metrics of the run',
      got: diskWords(cause),
      cause,
      hint: `Remove the cause, and continue from the last save with: impflow train --resume --out ${folder}`,
    });
  }
};

/** Empties `metrics.jsonl`. */
export const clearMetrics = ({ metrics }: Pick<RunPaths, 'metrics'>): Promise<void> =>
  writeAtomically(metrics, new Uint8Array(0));

/**
 * Removes the lines after `step`, because a resumed training repeats their steps. Returns the number of steps that have
 * a line.
 *
 * @throws `input` as {@link readMetrics}. An invalid line causes an error and is not dropped silently.
 */
export const truncateMetrics = async ({ metrics }: Pick<RunPaths, 'metrics'>, step: number): Promise<number> => {
  const kept = (await recorded(metrics)).filter(({ found }) => found.step <= step);
  await writeAtomically(metrics, new TextEncoder().encode(kept.map(({ line }) => `${line}\n`).join('')));
  return new Set(kept.map(({ found }) => found.step)).size;
};

/**
 * Returns the recorded metrics of all steps, or an empty list if the file does not exist.
 *
 * @throws `input` for a file that cannot be read, and for an invalid line, with its number.
 */
export const readMetrics = async ({ metrics }: Pick<RunPaths, 'metrics'>): Promise<readonly RecordedStep[]> =>
  (await recorded(metrics)).map(({ found }) => found);

const STEP = record({
  step: count(1),
  loss: real,
  learningRate: optional(real),
  accuracy: optional(nullable(real)),
  validation: optional(record({ nats: nullable(real), standardError: nullable(real) })),
  solves: optional(record({ forward: optional(record({ steps: real })) })),
});

const recorded = async (path: string): Promise<readonly { readonly line: string; readonly found: RecordedStep }[]> => {
  if (!existsSync(path)) return [];
  const bytes = await fileBytes('cli', path).catch((cause: FlowError) => {
    throw new FlowError('input', 'cli', cause.what, {
      expected: 'the metrics of the run',
      ...(cause.got === undefined ? {} : { got: cause.got }),
      cause,
      hint: 'Make the file readable, or move it away to continue without the earlier metrics.',
    });
  });
  const lines = bytes.toString('utf8').split('\n');
  return lines.flatMap((line, i) => {
    // A killed process may leave an incomplete line at the end of the file.
    if (line.trim() === '' || (i === lines.length - 1 && !isJson(line))) return [];
    return [{ line, found: stepOf(line, `${path}, line ${i + 1}`) }];
  });
};

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

const stepOf = (line: string, place: string): RecordedStep => {
  const refusal = (expected: string, got: string): FlowError =>
    new FlowError('input', 'cli', `${place}: no metrics of a step`, {
      expected,
      got,
      hint: 'Correct or remove this line, or move the file away to continue without the earlier metrics.',
    });
  if (!isJson(line)) throw refusal('JSON such as {"step":1,"loss":2.5}', shown(line));
  const found: unknown = JSON.parse(line);
  const wrong = STEP(found, '');
  if (wrong !== undefined) throw refusal(`${wrong.expected}${wrong.at === '' ? '' : ` for ${wrong.at}`}`, wrong.got);
  return found as RecordedStep;
};
