import { resolve } from 'node:path';
import { isFlowError, type TaskRunner } from '@impflow/core';
import type { TrainResult, TrainTask } from '../tasks/task.ts';
import { asynchronousHalving, synchronousHalving, type Job } from './halving.ts';
import { trialOptions, type SweepPlan } from './plan-sweep.ts';
import type { TrialResult } from './results-log.ts';

/** Arguments of {@link runTrials}. */
interface TrialsContext {
  readonly plan: SweepPlan;
  /** Folder of the sweep. */
  readonly folder: string;
  /** Name of the sweep: see the field `job` of `TrainTask`. */
  readonly job: string;
  readonly runner: TaskRunner<TrainTask, TrainResult>;
  /** Number of trials that run at the same time. */
  readonly atOnce: number;
  /** Results of earlier calls, oldest first. */
  readonly results: readonly TrialResult[];
  readonly signal: AbortSignal;
  /** Saves a result. The next job is chosen after the result is saved. */
  readonly keep: (result: TrialResult) => Promise<void>;
  /** Receives the number of steps of a running training. */
  readonly onSteps: (job: Job, steps: number) => void;
}

/** Returns the name of the folder of a trial. */
export const trialName = (trial: number): string => `trial-${String(trial).padStart(3, '0')}`;

/** Returns the task that trains a trial up to a number of steps, counted from its start. */
export const trialTask = (
  { plan, folder, job }: Pick<TrialsContext, 'plan' | 'folder' | 'job'>,
  trial: number,
  steps: number,
): TrainTask => ({
  kind: 'train',
  folder: resolve(folder, trialName(trial)),
  steps,
  place: plan.place,
  options: { ...trialOptions(plan, trial), steps: plan.rungs.at(-1)! },
  ...(plan.backend === undefined ? {} : { backend: plan.backend }),
  job,
});

/**
 * Runs the jobs of a sweep that have no result yet. Trial 0, which has the default options, is trained for all steps.
 * Trials from 1 on are trained by successive halving. Returns all results.
 *
 * @throws the error of trial 0, because it means that the data or the options of all trials are wrong. If trial 0 fails
 * to converge, no error is thrown. If the signal is aborted, its reason is thrown after all trainings have ended. An
 * error of another trial is not thrown, and is stored as the result of the trial.
 */
export const runTrials = async (context: TrialsContext): Promise<readonly TrialResult[]> => {
  const { plan, runner, atOnce, keep, onSteps } = context;
  const results = [...context.results];
  const running = new Map<Job, Promise<void>>();
  const failing = new AbortController();
  const signal = AbortSignal.any([context.signal, failing.signal]);
  const choose = plan.asynchronous ? asynchronousHalving : synchronousHalving;
  const next = (): Job | undefined => {
    const jobs = [...running.keys()];
    if (![...results, ...jobs].some(({ trial }) => trial === 0)) return { trial: 0, rung: plan.rungs.length - 1 };
    return choose({
      trials: plan.trials.length,
      rungs: plan.rungs.length,
      eta: plan.halving,
      results: results.filter(({ trial }) => trial !== 0),
      running: jobs.filter(({ trial }) => trial !== 0),
    });
  };
  const run = async (own: Job): Promise<void> => {
    const { trial, rung } = own;
    const result = await runner
      .run(trialTask(context, trial, plan.rungs[rung]!), { signal, onProgress: (steps) => onSteps(own, steps) })
      .catch((error: unknown): TrainResult => {
        if (signal.aborted || trial === 0 || !isFlowError(error)) throw error;
        return { steps: 0, validation: null, standardError: null, seconds: 0, error: error.message };
      });
    const kept = { trial, rung, ...result };
    await keep(kept);
    results.push(kept);
  };
  try {
    for (;;) {
      for (let each = next(); running.size < atOnce && each !== undefined && !signal.aborted; each = next()) {
        const started = each;
        running.set(
          started,
          run(started).finally(() => running.delete(started)),
        );
      }
      signal.throwIfAborted();
      if (running.size === 0) return results;
      await Promise.race(running.values());
    }
  } catch (error) {
    failing.abort(error);
    await Promise.allSettled(running.values());
    throw error;
  }
};
