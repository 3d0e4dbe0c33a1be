import cliProgress from 'cli-progress';
import { duration } from './format.ts';
import type { TextStream } from './stream.ts';

/** Options of {@link countingDisplay}. */
export interface CountingOptions {
  /** What is done, such as `Filled`. */
  readonly done: string;
  /** Number of rows. */
  readonly total: number;
  /** Prints nothing. Default false. */
  readonly quiet?: boolean;
  /** Default `process.stderr`. */
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

/** Work that takes less is not shown. */
const FIRST_MS = 2000;
const LINE_EVERY_MS = 10_000;

/**
 * Counts rows on standard error: a bar on a terminal, elsewhere a line every ten seconds. Work of less than two seconds
 * prints nothing.
 */
export const countingDisplay = ({
  done,
  total,
  quiet = false,
  stream = process.stderr,
  clock = () => performance.now(),
}: CountingOptions): Counting => {
  if (quiet) return { update: () => {}, stop: () => {} };
  const began = clock();
  const left = (rows: number): string => `${duration(((clock() - began) / 1000 / rows) * (total - rows))} left`;
  return stream.isTTY === true
    ? bar(stream, { done, total, began, left, clock })
    : lines(stream, { done, total, left, clock });
};

interface Shown {
  readonly done: string;
  readonly total: number;
  readonly left: (rows: number) => string;
  readonly clock: () => number;
}

const bar = (stream: TextStream, { done, total, began, left, clock }: Shown & { readonly began: number }): Counting => {
  const single = new cliProgress.SingleBar({
    stream: stream as NodeJS.WritableStream,
    format: `${done} {bar} {value}/{total} rows  {left}`,
    barsize: 20,
    hideCursor: true,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    gracefulExit: false,
    clearOnComplete: true,
  });
  let running = false;
  return {
    update: (rows) => {
      if (!running && clock() - began < FIRST_MS) return;
      if (!running) single.start(total, rows, { left: left(rows) });
      running = true;
      single.update(rows, { left: left(rows) });
    },
    stop: () => {
      if (running) single.stop();
      running = false;
    },
  };
};

const lines = (stream: TextStream, { done, total, left, clock }: Shown): Counting => {
  let time = clock();
  return {
    update: (rows) => {
      if (clock() - time < LINE_EVERY_MS || rows >= total) return;
      time = clock();
      stream.write(`${done} ${rows}/${total} rows (${Math.floor((100 * rows) / total)} %)  ${left(rows)}\n`);
    },
    stop: () => {},
  };
};
