import { availableParallelism } from 'node:os';
import { FlowError, type TaskRunner } from '@impflow/core';
import { lockFolder } from '../folder/lock.ts';
import type { TrainResult, TrainTask } from '../tasks/task.ts';
import type { SweepPlan } from './plan-sweep.ts';
import { ranked, type RankedTrial } from './ranking.ts';
import { appendResult, isTest, readResults, type TrialResult, type TrialTest } from './results-log.ts';
import { runTrials, trialName, trialTask } from './run-trials.ts';
import { assertSamePlan, makeSweepFolder, resultsPath, storedPlan, sweepName, writePlan } from './sweep-folder.ts';

/** An event of a sweep. */
export type SweepEvent =
  /** The sweep begins. `results` contains the results of earlier calls. */
  | { readonly kind: 'start'; readonly results: readonly TrialResult[] }
  /** Progress of a training: `steps` is its number of steps so far. */
  | { readonly kind: 'steps'; readonly trial: number; readonly rung: number; readonly steps: number }
  | { readonly kind: 'result'; readonly result: TrialResult };

/** Options of {@link runSweep}. */
export interface RunSweepOptions {
  /** Runner of the trainings: `taskPool`, or the runner of a queue. The caller closes the runner. */
  readonly runner: TaskRunner<TrainTask, TrainResult>;
  /** Number of trials that run at the same time. Default: one for each core. */
  readonly atOnce?: number;
  /** Aborts the sweep; running trainings are saved. */
  readonly signal?: AbortSignal;
  /** Receives the events of the sweep. */
  readonly onEvent?: (event: SweepEvent) => void;
}

/** The result of a finished sweep. */
export interface Sweep {
  /** Folder of the sweep. */
  readonly folder: string;
  /** Plan of the sweep. */
  readonly plan: SweepPlan;
  /** All trials that have a result, the best first. */
  readonly trials: readonly RankedTrial[];
  /**
   * Results of the best trial and of trial 0 on the test data. The test data are not used to choose the best trial.
   * Empty if no trial converged.
   */
  readonly tests: readonly TrialTest[];
}

/**
 * Runs a sweep in a folder. The file `sweep.json` contains the plan, `results.jsonl` the results, and each trial has a
 * folder with its model. A repeated call continues an interrupted sweep.
 *
 * @throws `input` for a folder of another sweep, or a folder that another process uses; the error of trial 0, which has
 * the default options, unless trial 0 failed to converge; the reason of the abort signal, after all trainings have
 * ended.
 */
export const runSweep = async (
  folder: string,
  plan: SweepPlan,
  {
    runner,
    atOnce = availableParallelism(),
    signal = new AbortController().signal,
    onEvent = () => {},
  }: RunSweepOptions,
): Promise<Sweep> => {
  await makeSweepFolder(folder);
  const unlock = await lockFolder(folder);
  try {
    const stored = await storedPlan(folder);
    if (stored === undefined) await writePlan(folder, plan);
    else assertSamePlan(folder, stored, plan);
    const log = resultsPath(folder);
    const entries = readResults(log);
    const earlier = entries.filter((entry): entry is TrialResult => !isTest(entry));
    onEvent({ kind: 'start', results: earlier });
    const context = { plan, folder, job: await sweepName(folder), runner, signal };
    const results = await runTrials({
      ...context,
      atOnce,
      results: earlier,
      keep: async (result) => {
        await appendResult(log, result);
        onEvent({ kind: 'result', result });
      },
      onSteps: (job, steps) => onEvent({ kind: 'steps', ...job, steps }),
    });
    const trials = ranked(plan, results);
    const tests: TrialTest[] = [];
    for (const { trial } of tested(trials)) {
      const before = entries.find((entry): entry is TrialTest => isTest(entry) && entry.trial === trial);
      const test = before ?? (await testOf(context, trial));
      if (before === undefined) await appendResult(log, test);
      tests.push(test);
    }
    return { folder, plan, trials, tests };
  } finally {
    unlock();
  }
};

/**
 * Returns the trials to evaluate on the test data: the best trial and trial 0. A trial that did not converge is left
 * out.
 */
const tested = (trials: readonly RankedTrial[]): readonly RankedTrial[] =>
  trials.filter(({ rank, trial, validation }) => (rank === 1 || trial === 0) && validation !== null);

/** Finishes the training of a trial, and evaluates the trial on the test data. */
const testOf = async (
  context: Parameters<typeof trialTask>[0] & Pick<RunSweepOptions, 'runner'> & { readonly signal: AbortSignal },
  trial: number,
): Promise<TrialTest> => {
  const { plan, runner, signal } = context;
  const task = { ...trialTask(context, trial, plan.rungs.at(-1)!), evaluate: true };
  const { test, error = 'none' } = await runner.run(task, { signal });
  if (test !== undefined) return { trial, test };
  throw new FlowError('convergence', 'jobs/runSweep', `${trialName(trial)} could not be evaluated on the test data`, {
    expected: 'a training that finishes',
    got: error,
  });
};
