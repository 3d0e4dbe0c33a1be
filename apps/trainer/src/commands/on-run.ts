import type { ComputingOptions } from '../adapters/backends.ts';
import { startForRun } from '../backends/start-for-run.ts';
import { loadRun, type LoadedRun, type LoadOptions } from '../checkpoint/load-run.ts';
import { localRun } from '../checkpoint/local-run.ts';
import { classifierCommands } from '../classes/commands.ts';
import { densityCommands } from '../images/commands.ts';
import type { ImagesRun } from '../images/images-run.ts';
import type {
  Answer,
  DriftOptions,
  EvaluateOptions,
  ImputeOptions,
  PlotOptions,
  ReportOptions,
  ProbabilityOptions,
  SampleOptions,
  ScoreOptions,
  RunCommands,
} from '../kinds/answer.ts';
import { registriesWith } from '../plugins/registries.ts';
import { findRunFolder } from '../run-folder/folder.ts';
import { readMetrics } from '../run-folder/metrics.ts';
import { tableCommands } from '../tables/commands.ts';
import { printResult } from '../terminal/output.ts';
import { partSample, sampleInParts } from './sample-parts.ts';
import { isScoredInParts, scoreInParts } from './score-parts.ts';

/**
 * Loads the plugins, the backend and the model of a run, and prints the result of `ask`. Every command on a trained run
 * calls this function. Returns the exit code.
 */
export const onRun = async (
  run: string,
  options: ComputingOptions,
  ask: (commands: RunCommands, run: LoadedRun) => Answer | Promise<Answer>,
  loading: LoadOptions = {},
): Promise<number> => {
  const registries = await registriesWith(options.plugin, options);
  const { path, remove } = await localRun(run);
  try {
    // Makes this backend the current backend of tfjs, because the code that follows uses the current backend.
    await startForRun(path, options, registries);
    const loaded = await loadRun(path, registries, loading);
    const { json, text } = await ask(commandsOn(loaded), loaded);
    printResult(options, json, text);
    return 0;
  } finally {
    await remove();
  }
};

/** Returns the commands for the kind of a run. */
const commandsOn = (run: LoadedRun): RunCommands => (run.kind === 'table' ? tableCommands(run) : imagesCommands(run));

/** Evaluates the model of a run, and prints the results. Returns the exit code. */
export const evaluate = (run: string, options: EvaluateOptions): Promise<number> =>
  onRun(run, options, (commands) => commands.evaluate(options), judging(options));

/**
 * Scores every row or image of a file with the model of a run. A large table is scored in parts. Returns the exit code.
 */
export const score = async (
  run: string,
  file: string,
  options: ScoreOptions,
  interruptible: () => AbortSignal,
): Promise<number> =>
  (await isScoredInParts(file, options))
    ? scoreInParts(run, file, options, interruptible())
    : onRun(run, options, (commands) => commands.score(file, options), judging(options));

/** Fills the gaps of a file with the model of a run. Returns the exit code. */
export const impute = (run: string, file: string, options: ImputeOptions): Promise<number> =>
  onRun(run, options, (commands) => commands.impute(file, options), judging(options));

/** Estimates the probability of an event under the model of a run. Returns the exit code. */
export const probability = (run: string, event: string, options: ProbabilityOptions): Promise<number> =>
  onRun(run, options, (commands) => commands.probability(event, options));

/** Compares the rows of a file with the test rows of a run. Returns the exit code. */
export const drift = (run: string, file: string, options: DriftOptions): Promise<number> =>
  onRun(run, options, (commands) => commands.drift(file, options), judging(options));

/** Draws samples from the model of a run. Large numbers of rows are drawn in parts. Returns the exit code. */
export const sample = async (
  run: string,
  options: SampleOptions,
  interruptible: () => AbortSignal,
): Promise<number> => {
  const parts = await partSample(run, options);
  if (parts !== undefined) return sampleInParts(run, parts, options, interruptible());
  return onRun(run, options, (commands) => commands.sample(options));
};

/** Draws the pictures of a run into its folder, and the training curves if it has metrics. Returns the exit code. */
export const plot = async (run: string, options: PlotOptions): Promise<number> => {
  // The metrics are read first, so that invalid metrics are reported before any picture is drawn.
  await readMetrics(await findRunFolder(run));
  return onRun(run, options, async (commands) => {
    const files = await commands.plot(options);
    return { json: { files }, text: () => `Written: ${files.join(', ')}` };
  });
};

const judging = ({ logdet }: Pick<ScoreOptions, 'logdet'>): LoadOptions => (logdet === undefined ? {} : { logdet });

/** Writes a report on a run as one HTML file. Returns the exit code. */
export const report = async (run: string, rows: string | undefined, options: ReportOptions): Promise<number> => {
  // Without --out, the page goes into the run folder, so there must be one.
  if (options.out === undefined) await findRunFolder(run);
  return onRun(run, options, (commands) => commands.report(rows, options));
};

/** Commands on a trained model of images. */
const imagesCommands = ({ model, ...run }: ImagesRun): RunCommands =>
  model.kind === 'density' ? densityCommands({ ...run, model }) : classifierCommands({ ...run, model });
