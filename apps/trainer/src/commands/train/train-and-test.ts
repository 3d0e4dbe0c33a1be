import { release, writeAtomically } from '@impflow/core';
import { type TrainingState, saveCheckpoint } from '@impflow/training';
import { dispose } from '@tensorflow/tfjs-core';
import { TIGHT } from '../../checkpoint/load-run.ts';
import type { RunRecord } from '../../checkpoint/record.ts';
import { atBest, changedBest } from '../../model/at-best.ts';
import { clearMetrics, truncateMetrics } from '../../run-folder/metrics.ts';
import type { TrainOptions } from '../../settings/settings.ts';
import { number } from '../../terminal/format.ts';
import { note, printResult } from '../../terminal/output.ts';
import { timedFitFor } from './fit-options.ts';
import type { PlacedRun, PreparedRun } from './prepared-run.ts';
import { type TrainingContext, expectedLength, trainingLoop } from './training-loop.ts';

/** Seconds of training that a timed run gets at least. */
const LEAST_SECONDS = 1;

/** End of a training: the exit code, or the run to make instead. */
export type End = { readonly exitCode: number } | { readonly secondRun: PreparedRun };

/** Writes the folder of a run, trains it, and evaluates its best weights on the test data. */
export const trainAndTest = async (
  run: PlacedRun,
  given: TrainOptions,
  context: Pick<TrainingContext, 'signal' | 'parallel' | 'elapsed'>,
): Promise<End> => {
  const { settings, paths, plan, trainee, record } = run;
  const { spec } = plan;
  // A resumed run counts steps, not seconds.
  const clock =
    given.resume === true || settings.seconds === undefined
      ? undefined
      : timedFitFor(settings, plan, Math.max(LEAST_SECONDS, settings.seconds - context.elapsed()));
  let finished = false;
  /**
   * The record after `step` steps. During a timed run it holds the expected number of steps, so that an interrupted run
   * resumes up to there; at the end, the actual number.
   */
  const recordAt = (step: number): RunRecord =>
    clock === undefined
      ? record
      : {
          ...record,
          options: { ...settings, ...(finished ? { steps: step, horizon: step } : expectedLength(step, clock)) },
        };
  const save = (state: TrainingState, extra: Partial<RunRecord> = {}): Promise<void> =>
    saveCheckpoint(paths.checkpoint, {
      spec,
      seed: settings.seed,
      extra: { ...recordAt(state.step), ...extra },
      model: trainee.model.model,
      state,
    });
  const writeConfig = (step: number): Promise<void> =>
    writeAtomically(
      paths.config,
      new TextEncoder().encode(`${JSON.stringify({ ...recordAt(step), spec }, null, 2)}\n`),
    );

  if (given.resume === true) {
    const { step } = run.state;
    const steps = await truncateMetrics(paths, step);
    if (steps < step)
      note(
        given,
        `${paths.metrics} records ${number(steps)} of the ${number(step)} steps so far: the curves have a gap.`,
      );
  } else {
    // The first checkpoint comes before all else: from here on the run can be resumed.
    await save(run.state);
    await clearMetrics(paths);
  }
  await writeConfig(run.state.step);

  const finish = async (step: number): Promise<void> => {
    finished = true;
    if (clock !== undefined) await writeConfig(step);
  };
  return trainFromCheckpoint(run, given, { ...context, save, clock, finish });
};

/** The same, once the folder holds a first checkpoint. */
const trainFromCheckpoint = async (run: PlacedRun, given: TrainOptions, context: TrainingContext): Promise<End> => {
  const {
    settings,
    paths,
    plan: { testRemark },
    trainee,
  } = run;
  const { parallel, save, elapsed, clock, finish } = context;
  const { model: trainable } = trainee.model;
  const { state: trained, stopped, pace } = await trainingLoop(run, given, context);
  release(run.state);
  if (given.until !== undefined && !context.signal.aborted) {
    release(trained);
    const { step, best } = trained;
    printResult(
      given,
      {
        run: paths.folder,
        steps: step,
        seconds: elapsed(),
        paused: true,
        best: best === undefined ? null : { step: best.step, nats: best.nats, standardError: best.standardError },
      },
      () =>
        `Paused after step ${number(step)} of ${number(settings.steps)}; saved to ${paths.folder}. Continue with: impflow train --resume --out ${paths.folder}`,
    );
    return { exitCode: 0 };
  }
  if (stopped === 'aborted') {
    release(trained);
    note(
      given,
      `Interrupted after step ${trained.step}; saved to ${paths.folder}. Continue with: impflow train --resume --out ${paths.folder}`,
    );
    if (given.json === true)
      printResult(given, { run: paths.folder, steps: trained.step, seconds: elapsed(), interrupted: true }, () => '');
    return { exitCode: 130 };
  }
  if (stopped === 'early-stopping')
    note(given, `Stopped early, after step ${trained.step}: ${settings.patience} validations without a new best.`);
  if (stopped === 'steps' && clock !== undefined && clock.progress() < 1)
    note(given, `Stopped early, after step ${trained.step}: nearly a third of the time without a new best.`);
  if ((await run.secondRun?.isNeeded(trained)) === true) {
    release(trained);
    dispose([...Object.values(trainable.parameters), ...Object.values(trainable.buffers)]);
    return { secondRun: run.secondRun!.prepare() };
  }
  const state =
    trainee.adjust === undefined
      ? trained
      : await changedBest(trainable, trained, async () => {
          trainable.refresh(TIGHT);
          await trainee.adjust!();
        });
  await finish(state.step);
  if (testRemark !== undefined) note(given, testRemark);
  // The checkpoint also keeps the last weights, to resume from.
  const { quantiles, json, text } = await atBest(trainable, state, () => {
    trainable.refresh(TIGHT);
    return trainee.test({ settings, paths, state, elapsed, parallel });
  });
  await save(state, quantiles === undefined ? {} : { quantiles });
  release(state);
  printResult(given, { ...json, ...pace }, text);
  return { exitCode: 0 };
};
