import { FlowError, isFlowError } from '@impflow/core';
import { type DataParallel, type FitResult, type TrainingState, fit, runKey } from '@impflow/training';
import type { RunRecord } from '../../checkpoint/record.ts';
import type { Validated } from '../../kinds/plan.ts';
import { quantile } from '../../measure/quantile.ts';
import { appendMetrics, metricsLine } from '../../run-folder/metrics.ts';
import { DEFAULTS, type Settings, type TrainOptions } from '../../settings/settings.ts';
import { number } from '../../terminal/format.ts';
import { progressDisplay } from '../../terminal/progress.ts';
import { fitOptionsOf } from './fit-options.ts';
import type { PlacedRun } from './prepared-run.ts';
import type { TimedFit } from './timed-fit.ts';

/** Seconds between two saves within a long run; a save also follows each validation. */
const SAVE_EVERY = 30;

/** What a training gets besides its run: signal, workers, clock and ways to save. */
export interface TrainingContext {
  readonly signal: AbortSignal;
  readonly parallel: DataParallel | undefined;
  readonly clock: TimedFit | undefined;
  readonly save: (state: TrainingState, extra?: Partial<RunRecord>) => Promise<void>;
  /** Records the final number of steps. */
  readonly finish: (step: number) => Promise<void>;
  readonly elapsed: () => number;
}

/** Times of the steps of this call, without those that validated. */
interface StepTimes {
  /** Median, in seconds. */
  readonly secondsPerStep: number;
  /** Sum, in seconds. */
  readonly trainingSeconds: number;
}

/**
 * Runs the training loop: shows progress, writes metrics, and saves after each validation, every half minute and at the
 * end. The caller owns the returned state. A run that pauses has stopped as `aborted`, unless it ended.
 *
 * @throws `convergence` if a step is not finite. The message names the step in the checkpoint.
 */
export const trainingLoop = async (
  run: PlacedRun,
  given: TrainOptions,
  { signal, parallel, save, clock }: TrainingContext,
): Promise<FitResult & { readonly pace?: StepTimes }> => {
  const { until = Infinity } = given;
  const {
    settings: { batch, steps },
    plan: { unit },
    paths,
    state: { step: first },
  } = run;
  let latest = first;
  // To `fit` a pause is an interruption: it validates nothing that an unpaused run would not.
  const pause = new AbortController();
  if (first >= until) pause.abort();
  const bar = progressDisplay({
    total: clock === undefined ? steps : () => expectedLength(latest, clock).steps,
    start: first,
    unit,
    quiet: given.quiet ?? false,
  });
  let pending: string[] = [];
  let [savedAt, savedStep] = [performance.now(), first];
  // The metrics are written first, so that every step in the checkpoint has its line.
  const keep = async (state: TrainingState): Promise<void> => {
    await appendMetrics(paths, pending);
    pending = [];
    await save(state);
    [savedAt, savedStep] = [performance.now(), state.step];
  };
  let found: Pick<Validated, 'accuracy'> = {};
  /** Seconds of each step without a validation. */
  const seconds: number[] = [];
  const loop = fit(
    fitOptionsOf(run.settings, run.plan, run.trainee, {
      key: runKey(run.settings.seed, 'steps'),
      signal: AbortSignal.any([signal, pause.signal]),
      parallel,
      clock,
      state: run.state,
      onValidation: ({ accuracy }) => {
        found = accuracy === undefined ? {} : { accuracy };
      },
    }),
  );
  try {
    for (;;) {
      const next = await loop.next();
      if (next.done === true) {
        await keep(next.value.state);
        return {
          ...next.value,
          ...(seconds.length === 0
            ? {}
            : {
                pace: {
                  secondsPerStep: quantile(seconds, 0.5),
                  trainingSeconds: seconds.reduce((sum, s) => sum + s, 0),
                },
              }),
        };
      }
      const { step, loss, validation, solves, state } = next.value;
      latest = step;
      if (validation === undefined) seconds.push(next.value.seconds);
      pending.push(metricsLine(next.value, validation === undefined ? {} : found));
      bar.update({
        step,
        loss,
        rows: batch * (step - first),
        ...(validation === undefined ? {} : { heldOut: validation, ...found }),
        ...(solves?.forward === undefined ? {} : { solverSteps: solves.forward.steps }),
      });
      if (validation !== undefined || performance.now() - savedAt > 1000 * SAVE_EVERY) await keep(state);
      if (step >= until) pause.abort();
    }
  } catch (error) {
    if (!isFlowError(error, 'convergence')) throw error;
    // `FlowError` would format the message again, so the whole message is set afterwards.
    throw Object.assign(new FlowError('convergence', error.at, '', { cause: error }), {
      message: `${error.message} ${paths.checkpoint} holds the model after step ${number(savedStep)}, where it was saved last.`,
    });
  } finally {
    bar.stop();
  }
};

/** Expected number of steps of a timed run, extrapolated from the steps and the time so far. */
export const expectedLength = (step: number, { progress }: TimedFit): Pick<Settings, 'steps' | 'horizon'> => {
  const steps =
    step === 0 ? DEFAULTS.steps : Math.min(Number.MAX_SAFE_INTEGER, Math.max(step, Math.round(step / progress())));
  return { steps, horizon: steps };
};
