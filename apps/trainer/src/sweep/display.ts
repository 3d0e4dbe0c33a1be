import { trialName, type SweepPlan, type TrialResult } from '@impflow/jobs';
import cliProgress from 'cli-progress';
import { duration, number } from 'impflow/run';
import type { TextStream } from '../terminal/stream.ts';

/** A running training of a trial. */
type Job = Pick<TrialResult, 'trial' | 'rung'>;

/** Display of the progress of a sweep. */
export interface SweepDisplay {
  /** Shows the steps of a running training. */
  steps(job: Job, steps: number): void;
  /** Shows the result of a training. */
  result(result: TrialResult): void;
  /** Ends the display. */
  stop(): void;
}

/** Options of {@link sweepDisplay}. */
interface SweepDisplayOptions {
  readonly plan: SweepPlan;
  /** Results of earlier calls of the sweep. */
  readonly results: readonly TrialResult[];
  /** Whether nothing is printed. Default false. */
  readonly quiet?: boolean | undefined;
  /** Stream to which the display is written. Default `process.stderr`. */
  readonly stream?: TextStream;
  /** Monotonic clock, in milliseconds. Default `performance.now`. */
  readonly clock?: () => number;
}

/**
 * Displays a sweep on standard error: a bar on a terminal, elsewhere a line for each result. The remaining time is
 * estimated from the remaining steps, as if all steps took equally long.
 */
export const sweepDisplay = ({
  plan,
  results: earlier,
  quiet = false,
  stream = process.stderr,
  clock = () => performance.now(),
}: SweepDisplayOptions): SweepDisplay => {
  if (quiet) return { steps: () => {}, result: () => {}, stop: () => {} };
  const { trainings, steps: planned } = plannedWork(plan);
  const began = clock();
  const results = [...earlier];
  const running = new Map<string, number>();
  const stepsBefore = ({ trial, rung }: Job): number => (trial === 0 || rung === 0 ? 0 : plan.rungs[rung - 1]!);
  const finished = (all: readonly TrialResult[]): number =>
    all.reduce((sum, result) => sum + plan.rungs[result.rung]! - stepsBefore(result), 0);
  const before = finished(earlier);
  const key = ({ trial, rung }: Job): string => `${trial}/${rung}`;
  const fields = (): { readonly share: number; readonly text: string } => {
    const done = finished(results) + [...running.values()].reduce((sum, steps) => sum + steps, 0);
    const best = results
      .filter(({ validation }) => validation !== null)
      .toSorted((a, b) => a.validation! - b.validation!)[0];
    const share = Math.min(1, done / planned);
    const left = done > before ? ((clock() - began) / 1000 / (done - before)) * Math.max(0, planned - done) : undefined;
    return {
      share,
      text: [
        `${results.length}/${Math.max(trainings, results.length)} trainings`,
        ...(best === undefined ? [] : [`least loss ${number(best.validation!, 5)} (${trialName(best.trial)})`]),
        ...(left === undefined ? [] : [`${duration(left)} left`]),
      ].join('  '),
    };
  };
  const bar = stream.isTTY === true ? barOn(stream) : undefined;
  const show = (): void => {
    const { share, text } = fields();
    bar?.update(share, text);
  };
  return {
    steps: (job, steps) => {
      running.set(key(job), Math.max(0, steps - stepsBefore(job)));
      show();
    },
    result: (result) => {
      running.delete(key(result));
      results.push(result);
      if (bar !== undefined) return show();
      const { trial, steps, validation, standardError } = result;
      const { share, text } = fields();
      stream.write(
        `${trialName(trial)}  ${number(steps)} steps  ${
          validation === null
            ? 'failed'
            : `loss ${number(validation, 5)}${standardError === null ? '' : ` ± ${number(standardError, 2)}`}`
        }  (${Math.floor(100 * share)} %)  ${text}\n`,
      );
    },
    stop: () => bar?.stop(),
  };
};

/**
 * Returns the number of trainings and the number of steps that a whole sweep has if no training fails or stops early.
 */
const plannedWork = ({ trials, rungs, halving }: SweepPlan): { readonly trainings: number; readonly steps: number } => {
  let [trainings, steps] = [1, rungs.at(-1)!];
  rungs.forEach((length, rung) => {
    const members = Math.max(1, Math.floor(trials.length / Math.max(1, halving) ** rung));
    trainings += members;
    steps += members * (length - (rungs[rung - 1] ?? 0));
  });
  return { trainings, steps };
};

const barOn = (stream: TextStream): { update(share: number, text: string): void; stop(): void } => {
  const single = new cliProgress.SingleBar({
    stream: stream as NodeJS.WritableStream,
    format: '{bar} {percentage} %  {text}',
    barsize: 20,
    hideCursor: true,
    fps: 5,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    gracefulExit: false,
    clearOnComplete: true,
  });
  let running = false;
  return {
    update: (share, text) => {
      if (!running) single.start(100, 100 * share, { text });
      running = true;
      single.update(Math.floor(100 * share), { text });
    },
    stop: () => {
      if (running) single.stop();
      running = false;
    },
  };
};
