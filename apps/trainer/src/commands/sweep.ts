import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { FlowError } from '@impflow/core';
import {
  planSweep,
  runSweep,
  storedPlan,
  type Sweep,
  type SweepEvent,
  type SweepPlan,
  type SweepRequest,
  type TrainTask,
} from '@impflow/jobs';
import type { ComputingOptions } from '../adapters/backends.ts';
import { pluginSource } from '../plugins/registries.ts';
import { checkTogether } from '../settings/check-together.ts';
import { sweepDisplay, type SweepDisplay } from '../sweep/display.ts';
import { pluginFlags, reportText } from '../sweep/report.ts';
import { writeReport } from '../sweep/write-report.ts';
import { note, printResult } from '../terminal/output.ts';
import { runnerFor } from './runner-for.ts';

/** Options of `sweep`, without the parameters that the trials vary. */
export interface SweepOptions extends ComputingOptions {
  readonly out: string;
  /** Number of trials that run at the same time. Default: one per core; with a queue {@link QUEUED}. */
  readonly workers?: number;
  /** Whether the trials run on this machine. This is the default. */
  readonly local?: boolean;
  /** Address of a queue. The workers of the queue run the trials. */
  readonly queue?: string;
}

/**
 * Number of trials that a sweep puts into a queue at the same time. The number is constant, because the number of
 * workers of a queue is unknown.
 */
const QUEUED = 64;

/**
 * Trains trials with different options of `train`, and names the trial with the least validation loss. A repeated call
 * continues an interrupted sweep. Returns the exit code.
 *
 * @param request The sweep to run. Undefined to continue the sweep in the folder.
 */
export const sweep = async (
  request: SweepRequest | undefined,
  options: SweepOptions,
  interruptible: () => AbortSignal,
): Promise<number> => {
  const { out: folder, local, queue } = options;
  if (local === true && queue !== undefined)
    throw new FlowError('option', 'cli', '--local and --queue contradict each other', {
      expected: 'one of them',
      got: 'both',
      hint: 'Leave out --local or --queue.',
    });
  const plan = request === undefined ? await storedPlan(folder) : planOf(request);
  if (plan === undefined)
    throw new FlowError('option', 'cli', 'No parameters to vary', {
      expected: 'parameters, such as --param lr=1e-3,3e-3, or the folder of a sweep',
      got: `none, and no sweep in ${folder}`,
      hint: 'Give --param, or a file with parameters.',
    });
  assertPlugins(plan, options);
  return run(plan, options, interruptible);
};

const planOf = (request: SweepRequest): SweepPlan =>
  planSweep(request, (trial) => checkTogether({ ...trial, ...request.place }));

/**
 * @throws `option` for plugins of the sweep that the user did not give on the command line. Loading a plugin runs its
 * code, so a name in a file is not enough.
 */
const assertPlugins = (plan: SweepPlan, { plugin = [], out }: SweepOptions): void => {
  const typed = plugin.map(pluginSource);
  const missing = plan.plugins.filter((module) => !typed.includes(module));
  if (missing.length > 0)
    throw new FlowError('option', 'cli', `The sweep in ${out} needs its plugins`, {
      expected: `--plugin ${missing.join(' --plugin ')}`,
      got: typed.length === 0 ? 'none' : typed.join(', '),
      hint: 'Give them again.',
    });
};

const run = async (plan: SweepPlan, options: SweepOptions, interruptible: () => AbortSignal): Promise<number> => {
  const { out: folder, queue, workers = queue === undefined ? availableParallelism() : QUEUED, quiet } = options;
  const runner = await runnerFor<TrainTask>({ ...options, workers });
  const signal = interruptible();
  let display: SweepDisplay | undefined;
  const onEvent = (event: SweepEvent): void => {
    if (event.kind === 'start') display = sweepDisplay({ plan, results: event.results, quiet });
    else if (event.kind === 'steps') display!.steps(event, event.steps);
    else display!.result(event.result);
  };
  try {
    const found = await runSweep(folder, plan, { runner, atOnce: workers, onEvent, signal });
    display?.stop();
    await tell(found, options);
    return 0;
  } catch (error) {
    display?.stop();
    if (!signal.aborted) throw error;
    note(
      options,
      `Interrupted; the trials are saved. Continue with: impflow sweep --out ${folder}${pluginFlags(plan)}`,
    );
    if (options.json === true) printResult(options, { sweep: folder, interrupted: true }, () => '');
    return 130;
  } finally {
    await runner.close();
  }
};

const tell = async (found: Sweep, options: SweepOptions): Promise<void> => {
  const { folder, trials, tests } = found;
  const { csv, png } = await writeReport(found);
  const best = trials[0]!;
  if (best.validation === null)
    throw new FlowError('convergence', 'cli', 'No trial converged', {
      expected: 'a validation loss for at least one trial',
      got: best.error ?? 'none',
      hint: `See ${csv}. Try smaller learning rates.`,
    });
  const defaults = trials.find(({ trial }) => trial === 0)!;
  const testOf = (trial: number): object | null => tests.find((test) => test.trial === trial)?.test ?? null;
  printResult(
    options,
    {
      sweep: folder,
      best: { ...best, run: join(folder, best.name), test: testOf(best.trial) },
      defaults: { ...defaults, run: join(folder, defaults.name), test: testOf(0) },
      trials,
      csv,
      png,
    },
    () => reportText(found),
  );
};
