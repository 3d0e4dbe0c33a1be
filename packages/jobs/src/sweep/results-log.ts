import { readFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { FlowError } from '@impflow/core';
import { count, isRecord, nullable, optional, real, record, text } from 'impflow/run';
import { diskWords } from '../folder/disk-words.ts';

/** Result of one training of a trial. */
export interface TrialResult {
  /** Number of the trial. Trial 0 has the default options. */
  readonly trial: number;
  /** Index of the rung, from 0. */
  readonly rung: number;
  /** Number of steps that the trial has been trained for. */
  readonly steps: number;
  /** Least validation loss so far, in nats; null if the training failed. */
  readonly validation: number | null;
  /** Standard error of `validation`, in nats; null if unknown. */
  readonly standardError: number | null;
  /** Wall time of this training, in seconds. */
  readonly seconds: number;
  /** Reason why the training failed. Absent if it did not fail. */
  readonly error?: string;
}

/** Results of a trial on the test data. */
export interface TrialTest {
  /** Number of the trial. Trial 0 has the default options. */
  readonly trial: number;
  /** Results by name, such as the loss in nats. A classifier also has the accuracy. */
  readonly test: Readonly<Record<string, unknown>>;
}

type LogEntry = TrialResult | TrialTest;

export const isTest = (entry: LogEntry): entry is TrialTest => 'test' in entry;

const RESULT = record({
  trial: count(),
  rung: count(),
  steps: count(),
  validation: nullable(real),
  standardError: nullable(real),
  seconds: real,
  error: optional(text),
});
const TEST = record({ trial: count(), test: record({}) });

/**
 * Returns the entries of a log of results, oldest first; an empty list if the file does not exist.
 *
 * @throws `input` for a file that cannot be read, and for an invalid line, with its line number.
 */
export const readResults = (path: string): readonly LogEntry[] => {
  const lines = contentOf(path).split('\n');
  return lines.flatMap((line, i) => {
    const found = parsed(line);
    // A killed process may leave an incomplete line at the end of the file.
    if (line === '' || (found === undefined && i === lines.length - 1)) return [];
    const wrong = (isRecord(found) && 'test' in found ? TEST : RESULT)(found, '');
    if (wrong !== undefined)
      throw new FlowError('input', 'jobs/runSweep', `${path}, line ${i + 1} is not the result of a trial`, {
        expected: `${wrong.expected}${wrong.at === '' ? '' : ` for ${wrong.at}`}`,
        got: wrong.got,
        hint: 'Remove this line. The trial is then trained again, or continues.',
      });
    return [found as LogEntry];
  });
};

/**
 * Appends an entry to a log of results and flushes it to the disk. Overwrites an incomplete line that a killed process
 * has left.
 */
export const appendResult = async (path: string, entry: LogEntry): Promise<void> => {
  const before = contentOf(path);
  const whole = before.slice(0, before.lastIndexOf('\n') + 1);
  const file = await open(path, before === whole ? 'a' : 'r+');
  try {
    if (before !== whole) await file.truncate(Buffer.byteLength(whole));
    const line = `${JSON.stringify(entry)}\n`;
    if (before === whole) await file.writeFile(line);
    else await file.write(line, Buffer.byteLength(whole));
    await file.sync();
  } finally {
    await file.close();
  }
};

const contentOf = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw new FlowError('input', 'jobs/runSweep', `Cannot read ${path}`, {
      expected: 'the results of the trials',
      got: diskWords(cause),
      cause,
      hint: 'Make it readable.',
    });
  }
};

const parsed = (line: string): unknown => {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    return undefined;
  }
};
