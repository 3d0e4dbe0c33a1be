import { FlowError, shown } from '@impflow/core';
import { builtInRegistries } from '@impflow/flows';
import type { RecordsSpec } from '@impflow/tables';
import { runKey, type Checkpoint } from '@impflow/training';
import { ensureBackend } from './backend.ts';
import type { TableContents } from './checkpoint/contents.ts';
import { evaluatePart, heldOutQuantiles } from './evaluate.ts';
import type { FitEvent } from './events.ts';
import { contentsOf } from './fitting/contents-of.ts';
import { FIT_TABLE_ONLY, type FitTableOptions } from './fitting/options.ts';
import { reportOn } from './fitting/report-on.ts';
import { mixtureRateFor, settingsFor } from './fitting/settings-for.ts';
import type { Model } from './model.ts';
import { openDensity, type OpenDensity } from './open-density.ts';
import { openModel } from './open-model.ts';
import { AUTO, checkTogether } from './options/check-together.ts';
import { checkOptions } from './options/check.ts';
import { chosenRegistries } from './options/chosen-registries.ts';
import { OPTIONS, type Choices } from './options/options.ts';
import { plainChoices, type Settings } from './options/settings.ts';
import { readTable, readPartsAgain } from './read-table.ts';
import type { Report } from './report.ts';
import type { AnyRow, Rows } from './rows/rows.ts';
import { assertIndependent } from './table/assert-independent.ts';
import { batchesOf } from './table/batches.ts';
import { drawParts } from './table/draw-parts.ts';
import { rowCount, type Part } from './table/part.ts';
import { planTable, resumedPlans } from './table/plan.ts';
import { rivalsOf } from './table/rivals.ts';
import { isSampler, type Sampler, type TableSource } from './table/source.ts';
import { specOf } from './table/spec.ts';
import { splitTable, type TableParts } from './table/split.ts';
import { trainTable, type TrainedTable } from './table/train-table.ts';
import { trainingRows } from './table/training-rows.ts';
import { number } from './text/format.ts';
import { disposeModel } from './train/dispose-model.ts';
import type { Trained } from './train/train-to-checkpoint.ts';
import { startWorkers, workersFor } from './workers/start-workers.ts';

/**
 * Result of {@link fitTable}. `stopped` is `aborted` after an abort or a pause, `early-stopping` if `patience` is used
 * up, and otherwise `steps`, for example if a training with a time limit ends before its time is over.
 */
export type FitTableEnd =
  | ({
      readonly stopped: 'steps' | 'early-stopping';
      readonly model: Model;
      readonly opened: OpenDensity;
      readonly parts: TableParts;
    } & Common)
  | ({ readonly stopped: 'aborted' } & Common);

/** Fields that the results of finished and aborted trainings share. */
type Common = Omit<Trained<Settings>, 'stopped' | 'validationSeconds'>;

/**
 * Fits a density to a table: reads and splits the table, chooses options, trains, and evaluates the result. `fit` and
 * the command line call this function. "How a fit runs" in docs/architecture.md lists the stages and their files.
 *
 * @throws the errors of `fit`. A signal that is aborted before the call throws. A later abort, or a
 * pause at `until`, throws no error: the result has `stopped: 'aborted'`.
 */
export const fitTable = async (rows: Rows<AnyRow> | Sampler, options: FitTableOptions): Promise<FitTableEnd> => {
  const { startedAt = performance.now(), onEvent: told = () => {}, signal, resume } = options;
  checkOptions(options, OPTIONS, FIT_TABLE_ONLY);
  const asked = plainChoices(options, OPTIONS);
  checkTogether(asked);
  signal?.throwIfAborted();
  // A resumed training reads and splits the rows with the options of its checkpoint.
  const choices = resume === undefined ? asked : optionsOf(resume);
  const registries = chosenRegistries(options.registries, choices);
  const remarks: string[] = [];
  const onEvent = (event: FitEvent): void => {
    if (event.kind === 'remark' || event.kind === 'choice') remarks.push(event.text);
    told(event);
  };
  /** Time of the start, and times at which the rows were split, the plan was made and the training ended, from `performance.now()`. */
  const ends = { begun: startedAt, read: 0, chosen: 0, trained: 0 };
  const source = isSampler(rows) ? undefined : await readTable(rows, readingOf(choices, options));
  const parts = await partsOf(rows, source, choices, options);
  ends.read = performance.now();
  // Wrong options are refused before the first message about the rows.
  const planned = settingsFor(choices, parts, options);
  onEvent({ kind: 'columns', columns: parts.columns });
  if (parts.sampler === undefined) onEvent({ kind: 'remark', text: sizesText(parts) });
  for (const text of parts.remarks) onEvent({ kind: 'remark', text });
  const rowsToTrain = trainingRows(parts, planned);
  for (const text of assertIndependent(parts, rowsToTrain)) onEvent({ kind: 'remark', text });
  const backend = await startBackend(parts, rowsToTrain, planned, options);
  const settings: Settings = { ...planned, workers: workersOf(planned, parts, options) };
  const secondsLeft = (): number => settings.seconds! - (performance.now() - startedAt) / 1000;
  const plans =
    resume === undefined
      ? await planTable(parts, rowsToTrain, settings, {
          choosesModel: choices.model === AUTO,
          mixtureRate: mixtureRateFor(choices, parts),
          registries,
          onEvent,
          signal,
          secondsLeft,
        })
      : resumedPlans(resume.spec as RecordsSpec, parts, rowsToTrain, settings);
  await options.onPlan?.(plans.first);
  ends.chosen = performance.now();
  const contents = contentsOf(rows, source, parts, options);
  const trained = await trainTable(parts, rowsToTrain, plans, {
    registries,
    onEvent,
    signal,
    startWorkers: options.startWorkers ?? startWorkers,
    secondsLeft,
    until: options.until,
    save: options.save,
    resume,
    contents,
  });
  const { stopped, stoppedEarly, step, best, stepSeconds, checkpoint } = trained;
  const common = {
    settings: trained.settings,
    stoppedEarly,
    step,
    stepSeconds,
    ...(best === undefined ? {} : { best }),
  };
  if (stopped === 'aborted') return { ...common, stopped, checkpoint };
  ends.trained = performance.now();
  const opened = openDensity(checkpoint, registries, 'The model');
  try {
    let scored: Float32Array | undefined;
    const evaluation = evaluatePart(opened.density, parts.test, {
      ...opened,
      source: parts.source,
      seed: settings.seed,
      onScored: (logDensities) => {
        scored = logDensities;
      },
    });
    const quantiles = heldOutQuantiles(opened.density, parts.test, { ...opened, scored: scored! });
    const report = reportOn(opened, parts, {
      trained,
      earlier: startOf(resume),
      evaluation,
      rivals: rivalsOf(
        { start: plans.start(trained.settings), baseline: plans.baseline() },
        { train: rowsToTrain, validation: parts.validation, test: parts.test },
        { logDensities: scored!, isImproved: isImproved(trained), seed: settings.seed },
      ),
      backend,
      ends,
      remarks,
    });
    const whole: Checkpoint = {
      ...checkpoint,
      extra: { ...(checkpoint.extra as TableContents), quantiles, report } satisfies TableContents,
    };
    // The model keeps the test rows, and not the training rows.
    const { test, testWithGaps } = parts;
    const model = openModel(whole, { registries, source: 'The model', heldOut: { test, testWithGaps }, opened });
    await options.save?.(model.toBytes());
    return { ...common, stopped, model, opened, parts, checkpoint: whole };
  } catch (error) {
    disposeModel(opened.density.flow);
    throw error;
  }
};

/** Returns whether a step of the training lowered the validation loss. */
const isImproved = ({ best, step }: Pick<TrainedTable, 'best' | 'step'>): boolean => (best?.step ?? step) > 0;

/** Returns what a finished training reported about its start. */
const startOf = (resume: Checkpoint | undefined): Pick<Report, 'start' | 'droppedSteps'> => {
  const { start, droppedSteps } = ((resume?.extra ?? {}) as Partial<TableContents>).report ?? {};
  return { ...(start === undefined ? {} : { start }), ...(droppedSteps === undefined ? {} : { droppedSteps }) };
};

/** Returns the numbers of training, validation and test rows, in a sentence. */
const sizesText = ({ complete, withGaps, validation, test }: TableParts): string =>
  `Rows: ${number(rowCount(complete) + rowCount(withGaps))} for training, ${number(rowCount(validation))} for validation, ${number(rowCount(test))} for testing.`;

/** Returns how the rows are read. */
const readingOf = (
  choices: Choices,
  { validation, test, signal }: FitTableOptions,
): Parameters<typeof readTable>[1] => ({
  ...choices,
  ...(signal === undefined ? {} : { signal }),
  ...(validation === undefined ? {} : { validation }),
  ...(test === undefined ? {} : { test }),
});

const optionsOf = ({ extra }: Checkpoint): Settings => (extra as TableContents).options;

const partsOf = (
  rows: Rows<AnyRow> | Sampler,
  source: TableSource | undefined,
  choices: Choices,
  { resume, validation, test }: Pick<FitTableOptions, 'validation' | 'test' | 'resume'>,
): TableParts | Promise<TableParts> => {
  const key = runKey(choices.seed ?? OPTIONS.seed.default, 'data');
  if (source === undefined) {
    assertNoColumns({ ...choices, validation, test }, rows as Sampler);
    return drawParts(rows as Sampler, key);
  }
  if (resume !== undefined)
    return readPartsAgain(resume.extra as TableContents, resume.seed, 'the model', () => Promise.resolve(source));
  return splitTable(source, { ...choices, key });
};

/** Names of the options that need a table, because they concern columns or reading rows. */
const OF_TABLES = [
  ...Object.entries(OPTIONS).flatMap(([name, { group }]) => (group === 'columns' || group === 'reading' ? [name] : [])),
  'validation',
  'test',
];

/** @throws `option` for an option that needs a table. */
const assertNoColumns = (options: Readonly<Record<string, unknown>>, { source }: Sampler): void => {
  const idle = OF_TABLES.find((name) => options[name] !== undefined);
  if (idle === undefined) return;
  throw new FlowError(
    'option',
    'impflow/fit',
    `The option ${idle} does not apply to rows that are drawn from a density`,
    { expected: `the option ${idle} with a table`, got: source, hint: 'Leave it out.' },
  );
};

const startBackend = async (
  parts: TableParts,
  train: Part,
  settings: Omit<Settings, 'workers'>,
  { adapter, chooseBackend, resume }: FitTableOptions,
): Promise<string> => {
  if (chooseBackend !== undefined) {
    const spec =
      (resume?.spec as RecordsSpec | undefined) ?? specOf(parts.fitted, train, settings, parts.sampler !== undefined);
    const { rowsOfStep } = batchesOf(parts, train, spec, settings);
    await chooseBackend({ spec, settings, rows: rowsOfStep(0) });
  }
  return ensureBackend(adapter);
};

const workersOf = (
  { batch }: Omit<Settings, 'workers'>,
  { fitted }: TableParts,
  { workers = 'auto', countWorkers, startWorkers: starts, registries = builtInRegistries }: FitTableOptions,
): number => {
  // The threads of `startWorkers` know only the built-in methods: a plugin in memory cannot be sent to a thread.
  if (starts === undefined && registries !== builtInRegistries) {
    if (workers === 'auto' || workers === 1) return 1;
    throw new FlowError('option', 'impflow/fit', 'A training with plugins has one worker', {
      expected: 'the option workers of 1, or without it',
      got: shown(workers),
      hint: 'Leave the option workers out. The command line starts several workers with --plugin.',
    });
  }
  const dim = fitted.maps.length;
  return countWorkers?.(batch, dim) ?? workersFor(workers, batch, dim);
};
