import cliProgress from 'cli-progress';
import { duration, number } from 'impflow/run';
import type { TextStream } from './stream.ts';
import { NATS, type Unit } from './unit.ts';

/**
 * State of a training, for the display. If an optional value is missing, the display keeps the value from an earlier
 * update.
 */
interface ProgressPoint {
  readonly step: number;
  readonly loss: number;
  /** Loss on the validation data, in nats. */
  readonly validation?: { readonly nats: number; readonly standardError: number };
  /** Share of the validation images that are classified correctly. */
  readonly accuracy?: number;
  /** Number of rows that were processed since the display was created. */
  readonly rows?: number;
  /**
   * Finished share of the time, in `[0, 1]`, of a training with a time limit. Its number of steps is an estimate that
   * may rise and fall, and is not shown. Default: the share of the steps.
   */
  readonly share?: number;
}

/** Options of {@link progressDisplay}. */
interface ProgressOptions {
  /** Number of steps of the whole run, or a function that returns an estimate. */
  readonly total: number | (() => number);
  /** Step that a resumed run starts from. Default 0. */
  readonly start?: number;
  /** Unit in which losses are shown. Default nats per row. The name of the default unit is not printed. */
  readonly unit?: Unit;
  /** Whether nothing is printed. Default false. */
  readonly quiet?: boolean;
  /** Stream to which the display is written. Default `process.stderr`. */
  readonly stream?: TextStream;
  /** Monotonic clock, in milliseconds. Default `performance.now`. */
  readonly clock?: () => number;
}

/** Progress display of a run. */
export interface Progress {
  /** Shows the state of the training. */
  update(point: ProgressPoint): void;
  /** Ends the display. Call it at the end, and before an error is printed. Further calls have no effect. */
  stop(): void;
}

const LINE_EVERY_MS = 10_000;
/** Ten percent, up to rounding. */
const SHARE = 0.1 - 1e-9;

/**
 * Creates the progress display of a run. On a terminal it is a bar. Elsewhere it prints a line every ten seconds or ten
 * percent, whichever comes first, and a line for the last step.
 */
export const progressDisplay = ({
  total: given,
  start = 0,
  unit = NATS,
  quiet = false,
  stream = process.stderr,
  clock = () => performance.now(),
}: ProgressOptions): Progress => {
  if (quiet) return { update: () => {}, stop: () => {} };
  const total = typeof given === 'number' ? () => given : given;
  const began = clock();
  let last: ProgressPoint | undefined;
  let share: number | undefined;
  const show = stream.isTTY === true ? bar(stream) : plain(stream, clock);
  return {
    update: (point) => {
      last = { ...last, ...point };
      const before = share ?? last.share ?? start / total();
      // The display never goes backwards, also if an estimate rises.
      share = Math.max(before, last.share ?? last.step / total());
      show.update({
        before,
        share,
        steps: last.share === undefined ? `${last.step}/${total()}` : `${last.step}`,
        fields: fieldsOf(last, { total: total(), start, unit }, (clock() - began) / 1000),
      });
    },
    stop: () => show.stop(),
  };
};

interface Shown {
  /** The share that was shown before. */
  readonly before: number;
  /** Finished share of the training, in `[0, 1]`. */
  readonly share: number;
  /** The step, with the number of all steps if it is known. */
  readonly steps: string;
  /** Text that follows in the line. */
  readonly fields: readonly string[];
}

interface Display {
  update(shown: Shown): void;
  stop(): void;
}

const fieldsOf = (
  { step, loss, validation, accuracy, rows }: ProgressPoint,
  { total, start, unit }: Required<Pick<ProgressOptions, 'start' | 'unit'>> & { readonly total: number },
  seconds: number,
): readonly string[] => {
  const secondsLeft = step > start ? (seconds * (total - step)) / (step - start) : Number.NaN;
  return [
    `loss ${fixed(loss * unit.perNat, 3)}${unit === NATS ? '' : ` ${unit.name}`}`,
    ...(validation === undefined
      ? []
      : [
          `validation ${fixed(validation.nats * unit.perNat, 3)}${validation.standardError === 0 ? '' : ` ± ${fixed(validation.standardError * unit.perNat, 3)}`}`,
        ]),
    ...(accuracy === undefined ? [] : [`${fixed(100 * accuracy, 1)} % right`]),
    ...(rows === undefined || rows === 0 || seconds <= 0 ? [] : [`${number(Math.round(rows / seconds))} rows/s`]),
    ...(Number.isNaN(secondsLeft) ? [] : [`${duration(secondsLeft)} left`]),
  ];
};

/**
 * Formats a number with a fixed number of decimals, so that the length of the line changes little. Huge or infinite
 * numbers are written in a short form.
 */
const fixed = (x: number, decimals: number): string => (Math.abs(x) < 1e6 ? x.toFixed(decimals) : number(x));

/** Number of parts of a full bar. */
const PARTS = 1000;

const bar = (stream: TextStream): Display => {
  const single = new cliProgress.SingleBar({
    stream: stream as NodeJS.WritableStream,
    format: '{bar} {steps}  {fields}',
    barsize: 20,
    hideCursor: true,
    fps: 5,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    gracefulExit: false,
  });
  let running = false;
  return {
    update: ({ share, steps, fields }) => {
      const payload = { steps: steps.includes('/') ? steps : `step ${steps}`, fields: fields.join('  ') };
      const done = Math.floor(PARTS * share);
      if (!running) single.start(PARTS, done, payload);
      running = true;
      single.update(done, payload);
    },
    stop: () => {
      if (running) single.stop();
      running = false;
    },
  };
};

const plain = (stream: TextStream, clock: () => number): Display => {
  let [time, written] = [clock(), undefined as number | undefined];
  let waiting: string | undefined;
  return {
    update: ({ before, share, steps, fields }) => {
      const line = `step ${steps} (${Math.floor(100 * share)} %)  ${fields.join('  ')}\n`;
      waiting = undefined;
      written ??= before;
      // The number of steps may be an estimate that later steps exceed, so only `stop` knows the last step.
      if (share >= 1 || (clock() - time < LINE_EVERY_MS && share - written < SHARE)) return void (waiting = line);
      [time, written] = [clock(), share];
      stream.write(line);
    },
    stop: () => {
      if (waiting !== undefined) stream.write(waiting);
      waiting = undefined;
    },
  };
};
