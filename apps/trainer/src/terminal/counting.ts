import cliProgress from 'cli-progress';
import { duration, number } from 'impflow/run';
import type { TextStream } from './stream.ts';

/** Options of {@link countingDisplay}. */
interface CountingOptions {
  /** Word that the display shows for the finished work, such as `Filled`. */
  readonly done: string;
  /** Total number of rows. */
  readonly total: number;
  /**
   * Returns the number of rows done since the display began. From this number, the display computes the rows per
   * second. Default: the display shows no rows per second.
   */
  readonly rowsDone?: () => number;
  /** Whether nothing is printed. Default false. */
  readonly quiet?: boolean;
  /** Stream to which the display is written. Default `process.stderr`. */
  readonly stream?: TextStream;
  /** Monotonic clock, in milliseconds. Default `performance.now`. */
  readonly clock?: () => number;
}

/** Display of the number of rows that are done. */
export interface Counting {
  /** Shows the number of rows so far. */
  update(rows: number): void;
  /** Ends the display. */
  stop(): void;
}

/** Milliseconds of work before the display appears. */
const FIRST_MS = 2000;
const LINE_EVERY_MS = 10_000;

/**
 * Makes a display that counts rows on standard error: a bar on a terminal, elsewhere a line every ten seconds. For work
 * of less than two seconds, it prints nothing.
 */
export const countingDisplay = ({
  done,
  total,
  rowsDone,
  quiet = false,
  stream = process.stderr,
  clock = () => performance.now(),
}: CountingOptions): Counting => {
  if (quiet) return { update: () => {}, stop: () => {} };
  const began = clock();
  const fields = (count: number): string => {
    const seconds = (clock() - began) / 1000;
    const rate = rowsDone === undefined ? '' : `${number(Math.round(rowsDone() / seconds))} rows/s  `;
    return `${rate}${count === 0 ? '' : `${duration((seconds / count) * (total - count))} left`}`;
  };
  const shown = { done, total, fields, clock };
  return stream.isTTY === true ? bar(stream, { ...shown, began }) : lines(stream, shown);
};

interface Shown {
  readonly done: string;
  readonly total: number;
  readonly fields: (count: number) => string;
  readonly clock: () => number;
}

const bar = (
  stream: TextStream,
  { done, total, began, fields, clock }: Shown & { readonly began: number },
): Counting => {
  const single = new cliProgress.SingleBar({
    stream: stream as NodeJS.WritableStream,
    format: `${done} {bar} {value}/{total} rows  {fields}`,
    barsize: 20,
    hideCursor: true,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    gracefulExit: false,
    clearOnComplete: true,
  });
  let running = false;
  return {
    update: (count) => {
      if (!running && clock() - began < FIRST_MS) return;
      const payload = { fields: fields(count) };
      if (!running) single.start(total, count, payload);
      running = true;
      single.update(count, payload);
    },
    stop: () => {
      if (running) single.stop();
      running = false;
    },
  };
};

const lines = (stream: TextStream, { done, total, fields, clock }: Shown): Counting => {
  let time = clock();
  return {
    update: (count) => {
      if (clock() - time < LINE_EVERY_MS || count >= total) return;
      time = clock();
      stream.write(`${done} ${count}/${total} rows (${Math.floor((100 * count) / total)} %)  ${fields(count)}\n`);
    },
    stop: () => {},
  };
};
