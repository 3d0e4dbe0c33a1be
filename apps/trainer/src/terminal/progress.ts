import cliProgress from 'cli-progress';
import { NATS, type Unit } from '../measure/unit.ts';
import { number } from './table.ts';
import type { TextStream } from './stream.ts';

/** Where a run is. Optional numbers that are left out keep the value of the last update that had them. */
export interface ProgressPoint {
  readonly step: number;
  readonly loss: number;
  /** Held-out loss. */
  readonly heldOut?: { readonly nats: number; readonly standardError: number };
  /** Mean solver steps. */
  readonly solverSteps?: number;
  /** Share of held-out images that are classified right. */
  readonly accuracy?: number;
  /** Rows seen since this reporter was made. */
  readonly rows?: number;
}

export interface ProgressOptions {
  /** Steps of the whole run, or a guess that may change. */
  readonly total: number | (() => number);
  /** The step that a resumed run starts from. Default 0. */
  readonly start?: number;
  /** Of the losses, given in nats. Default nats per row, which goes without saying. */
  readonly unit?: Unit;
  /** No output at all. */
  readonly quiet?: boolean;
  /** Default `process.stderr`. */
  readonly stream?: TextStream;
  /** Milliseconds of a clock that never goes back. Default `performance.now`. */
  readonly clock?: () => number;
}

export interface Progress {
  update(point: ProgressPoint): void;
  /** Takes the bar off its line; call it at the end and before an error is printed. Further calls do nothing. */
  stop(): void;
}

const LINE_EVERY_MS = 10_000;

/** Progress of a run: a bar on a terminal; elsewhere a line every ten seconds or ten per cent, whichever comes first, and the last. */
export const progress = ({ total: given, start = 0, unit = NATS, quiet = false, stream = process.stderr, clock = () => performance.now() }: ProgressOptions): Progress => {
  if (quiet) return { update: () => {}, stop: () => {} };
  const total = typeof given === 'number' ? () => given : given;
  const began = clock();
  let last: ProgressPoint | undefined;
  const show = stream.isTTY === true ? bar(stream, total) : plain(stream, total, start, clock);
  return {
    update: (point) => {
      last = { ...last, ...point };
      show.update(last, measure(last, { total: total(), start, unit }, (clock() - began) / 1000));
    },
    stop: () => show.stop(),
  };
};

interface Pace {
  /** The fields after the count of steps. */
  readonly fields: readonly string[];
  readonly secondsLeft: number;
}

interface Display {
  update(point: ProgressPoint, pace: Pace): void;
  stop(): void;
}

const measure = ({ step, loss, heldOut, solverSteps, accuracy, rows }: ProgressPoint, { total, start, unit }: Required<Pick<ProgressOptions, 'start' | 'unit'>> & { readonly total: number }, seconds: number): Pace => {
  const secondsLeft = step > start ? (seconds * (total - step)) / (step - start) : Number.NaN;
  return {
    secondsLeft,
    fields: [
      `loss ${fixed(loss * unit.perNat, 3)}${unit === NATS ? '' : ` ${unit.name}`}`,
      ...(heldOut === undefined ? [] : [`held-out ${fixed(heldOut.nats * unit.perNat, 3)}${heldOut.standardError === 0 ? '' : ` ± ${fixed(heldOut.standardError * unit.perNat, 3)}`}`]),
      ...(accuracy === undefined ? [] : [`${fixed(100 * accuracy, 1)} % right`]),
      ...(solverSteps === undefined ? [] : [`${fixed(solverSteps, 1)} solver steps`]),
      ...(rows === undefined || seconds <= 0 ? [] : [`${number(Math.round(rows / seconds))} rows/s`]),
      ...(Number.isNaN(secondsLeft) ? [] : [`${duration(secondsLeft)} left`]),
    ],
  };
};

/** The same decimals every time, so that the line does not jump; what is huge or not finite falls back to a short form. */
const fixed = (x: number, decimals: number): string => (Math.abs(x) < 1e6 ? x.toFixed(decimals) : number(x));

const bar = (stream: TextStream, total: () => number): Display => {
  const single = new cliProgress.SingleBar({
    stream: stream as NodeJS.WritableStream, format: '{bar} {value}/{total}  {fields}', barsize: 20, hideCursor: true, fps: 5,
    barCompleteChar: '█', barIncompleteChar: '░', gracefulExit: false,
  });
  let running = false;
  return {
    update: ({ step }, { fields }) => {
      const payload = { fields: fields.join('  ') };
      if (!running) single.start(total(), step, payload);
      running = true;
      single.setTotal(total());
      single.update(step, payload);
    },
    stop: () => {
      if (running) single.stop();
      running = false;
    },
  };
};

const plain = (stream: TextStream, all: () => number, start: number, clock: () => number): Display => {
  let [time, written] = [clock(), start];
  let waiting: string | undefined;
  return {
    update: ({ step }, { fields }) => {
      const total = all();
      const line = `step ${step}/${total} (${Math.floor((100 * step) / total)} %)  ${fields.join('  ')}\n`;
      waiting = undefined;
      if (step < total && clock() - time < LINE_EVERY_MS && step - written < total / 10) return void (waiting = line);
      [time, written] = [clock(), step];
      stream.write(line);
    },
    stop: () => {
      if (waiting !== undefined) stream.write(waiting);
      waiting = undefined;
    },
  };
};

/** `0:42`, `3:05`, `1:02:03`. */
export const duration = (seconds: number): string => {
  const whole = Math.max(0, Math.round(seconds));
  const two = (value: number): string => String(value).padStart(2, '0');
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
};
