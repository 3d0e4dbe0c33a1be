import { join } from 'node:path';
import { FlowError } from '@impflow/core';
import { pluginSource } from '../plugins/registries.ts';
import { lockFolder } from '../run-folder/lock.ts';
import type { TrainOptions } from '../settings/settings.ts';
import { sweepDisplay } from '../sweep/display.ts';
import { finishTrial } from '../sweep/finish-trial.ts';
import type { KnownOption } from '../sweep/known-option.ts';
import { parameterOf, partedParameter } from '../sweep/parameter.ts';
import { sweepPlan, type SEARCHES, type SweepPlan, type SweepRequest } from '../sweep/plan.ts';
import { ranked } from '../sweep/ranking.ts';
import { pluginFlags, reportText } from '../sweep/report.ts';
import { appendResult, isTest, readResults, type TrialResult, type TrialTest } from '../sweep/results-log.ts';
import { runTrials } from '../sweep/run-trials.ts';
import { runnerFor } from '../sweep/runner-for.ts';
import { readSpec } from '../sweep/spec-file.ts';
import {
  assertSamePlan,
  makeSweepFolder,
  resultsPath,
  storedPlan,
  sweepName,
  writePlan,
} from '../sweep/sweep-folder.ts';
import { writeReport } from '../sweep/write-report.ts';
import { note, printResult, type OutputOptions } from '../terminal/output.ts';

/** Options of `sweep`. Those of `train` hold for all trials. */
export interface SweepOptions extends OutputOptions, Omit<TrainOptions, 'workers' | 'out' | 'steps'> {
  readonly out: string;
  /** Parameters as `name=values`. */
  readonly param?: readonly string[];
  readonly trials?: number;
  readonly search?: (typeof SEARCHES)[number];
  readonly halving?: number | false;
  readonly asynchronous?: boolean;
  readonly steps?: number;
  readonly minSteps?: number;
  /** Number of trials at a time. */
  readonly workers?: number;
  /** Runs the trials on this machine, which is the default. */
  readonly local?: boolean;
  /** Address of a queue, whose workers run the trials. */
  readonly queue?: string;
}

/**
 * Trains trials of the options of `train`, and names the one with the least validation loss. A sweep that was ended goes
 * on. Returns the exit code.
 */
export const sweep = async (
  spec: string | undefined,
  options: SweepOptions,
  known: readonly KnownOption[],
  interruptible: () => AbortSignal,
): Promise<number> => {
  const { out: folder, workers, local, queue } = options;
  if (local === true && queue !== undefined)
    throw new FlowError('option', 'cli', '--local and --queue at once', {
      expected: 'one of them',
      got: 'both',
      hint: 'Leave one of them out.',
    });
  const request = await requestOf(spec, options, known);
  const asked = request === undefined ? undefined : sweepPlan(request, known);
  const plan = asked ?? (await storedPlan(folder));
  if (plan === undefined)
    throw new FlowError('option', 'cli', 'Nothing to try', {
      expected: 'parameters, such as --param lr=1e-3,3e-3, or the folder of a sweep',
      got: `none, and no sweep in ${folder}`,
      hint: 'Give --param, or a file with parameters.',
    });
  assertPlugins(plan, options);
  await makeSweepFolder(folder);
  const unlock = await lockFolder(folder);
  try {
    const stored = await storedPlan(folder);
    if (stored === undefined) await writePlan(folder, plan);
    else assertSamePlan(folder, stored, plan);
    return await runSweep(plan, { folder, options, workers }, interruptible());
  } finally {
    unlock();
  }
};

/** @throws `option` for plugins that were not typed: loading one runs its code, so none is loaded because a file names it. */
const assertPlugins = (plan: SweepPlan, { plugin = [], out }: SweepOptions): void => {
  const typed = plugin.map(pluginSource);
  const missing = plan.plugin.filter((module) => !typed.includes(module));
  if (missing.length > 0)
    throw new FlowError('option', 'cli', `The sweep in ${out} has plugins`, {
      expected: `--plugin ${missing.join(' --plugin ')}`,
      got: typed.length === 0 ? 'none' : typed.join(', '),
      hint: 'Give them again.',
    });
};

const runSweep = async (
  plan: SweepPlan,
  {
    folder,
    options,
    workers,
  }: { readonly folder: string; readonly options: SweepOptions; readonly workers?: number | undefined },
  signal: AbortSignal,
): Promise<number> => {
  const log = resultsPath(folder);
  const entries = readResults(log);
  const earlier = entries.filter((entry): entry is TrialResult => !isTest(entry));
  const display = sweepDisplay({ plan, results: earlier, quiet: options.quiet });
  const plugin = (options.plugin ?? []).map(pluginSource);
  const { runner, atOnce } = await runnerFor({ ...options, workers, plugin });
  try {
    const results = await runTrials({
      plan,
      folder,
      job: await sweepName(folder),
      runner,
      atOnce,
      results: earlier,
      signal,
      keep: async (result) => {
        await appendResult(log, result);
        display.result(result);
      },
      onSteps: display.steps,
    });
    display.stop();
    const trials = ranked(plan, results);
    const { csv, png } = await writeReport({ folder, plan, trials });
    const best = trials[0]!;
    if (best.validation === null)
      throw new FlowError('convergence', 'cli', 'No trial converged', {
        expected: 'a validation loss of one trial at least',
        got: best.error ?? 'none',
        hint: `See ${csv}. Try smaller learning rates.`,
      });
    const tests: TrialTest[] = [];
    const defaults = trials.find(({ trial }) => trial === 0)!;
    for (const { trial, name } of best === defaults || defaults.validation === null ? [best] : [best, defaults]) {
      const before = entries.find((entry): entry is TrialTest => isTest(entry) && entry.trial === trial);
      const entry = before ?? { trial, test: await finishTrial(join(folder, name), { signal, plugin }) };
      if (before === undefined) await appendResult(log, entry);
      tests.push(entry);
    }
    printResult(
      options,
      {
        sweep: folder,
        best: { ...best, run: join(folder, best.name), test: tests[0]!.test },
        defaults: {
          ...defaults,
          run: join(folder, defaults.name),
          test: tests.find(({ trial }) => trial === 0)?.test ?? null,
        },
        trials,
        csv,
        png,
      },
      () => reportText({ folder, plan, trials, tests }),
    );
    return 0;
  } catch (error) {
    display.stop();
    if (!signal.aborted) throw error;
    note(options, `Interrupted; the trials are saved. Go on with: impflow sweep --out ${folder}${pluginFlags(plan)}`);
    if (options.json === true) printResult(options, { sweep: folder, interrupted: true }, () => '');
    return 130;
  } finally {
    await runner.close();
  }
};

/** What is asked, by the file and the options, which go before it; undefined to go on with the sweep of the folder. */
const requestOf = async (
  spec: string | undefined,
  options: SweepOptions,
  known: readonly KnownOption[],
): Promise<SweepRequest | undefined> => {
  const file = spec === undefined ? {} : await readSpec(spec, known);
  const { param, trials, search, halving, asynchronous, steps, minSteps, plugin } = options;
  const given = { trials, search, halving, asynchronous, steps, minSteps };
  const own = Object.fromEntries(
    known.flatMap(({ name, field, takesValue }): [string, string | true][] => {
      const value = OWN.includes(name) ? undefined : options[field as keyof SweepOptions];
      return value === undefined ? [] : [[name, takesValue ? String(value) : true]];
    }),
  );
  const isGiven = Object.values({ ...given, param }).some((value) => value !== undefined);
  if (spec === undefined && !isGiven && Object.keys(own).length === 0) return undefined;
  const parameters = (param ?? []).map((text) => parameterOf(...partedParameter(text), known));
  return {
    ...file,
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
    parameters: [
      ...(file.parameters ?? []).filter(({ name }) => !parameters.some((parameter) => parameter.name === name)),
      ...parameters,
    ],
    options: { ...file.options, ...own },
    plugin: plugin ?? [],
  };
};

/** Options of `train` that mean something else here, or that only the command has. */
const OWN: readonly string[] = ['steps', 'workers', 'out', 'plugin', 'json', 'quiet'];
