import { resolve } from 'node:path';
import { FlowError } from '@impflow/core';
import { DEFAULT_BACKEND, type ComputingOptions } from '../backends/backends.ts';
import { workersFor, type Workers } from '../backends/workers.ts';
import { recordOptionsOf, type RecordOptions } from '../dataset/record-options.ts';
import { isPath, readingOf, type DataSource, type ReadingOptions, type UnstoredField } from '../dataset/source.ts';
import { pluginSource } from '../plugins/registries.ts';

/** Values of `--task`. */
export const TASKS = ['density', 'classify'] as const;
export const PRESETS = ['toy', 'tabular', 'image', 'classifier'] as const;
export const NETS = ['spectral', 'sandwich'] as const;
/**
 * `standard`: mean 0 and standard deviation 1. `whitened`: uncorrelated too. `quantiles`: each column nearly normal.
 */
export const SCALINGS = ['standard', 'whitened', 'quantiles'] as const;
export const MEMORY = ['keep', 'budget'] as const;
export const SCHEDULES = ['constant', 'cosine'] as const;
/** The value of `--base` for a Gaussian mixture that is fitted to the training rows. */
export const FITTED = 'fitted';

/** The flag of an option: `--validate-every` for `validateEvery`. */
export const flag = (name: string): string => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/** Options that decide the results of a run, except its data. */
interface Choices extends ReadingOptions, RecordOptions {
  readonly columns?: readonly string[];
  /** File of validation rows. Absolute in a checkpoint, as `test`. */
  readonly validation?: string;
  readonly test?: string;
  /** Task. Default `density`. */
  readonly task?: (typeof TASKS)[number];
  readonly preset?: (typeof PRESETS)[number];
  /** `implicit`, `residual`, `coupling`, `vanilla`, or the blocks of a plugin, with their options. */
  readonly model: string;
  readonly blocks?: number;
  readonly net?: (typeof NETS)[number];
  /** Transformation of the columns of a table before the blocks. */
  readonly scaling?: (typeof SCALINGS)[number];
  readonly hidden?: readonly number[];
  /** Activation with its options, as `pluginText` writes them. So are `solver`, `adjoint`, `logdet` and `base`. */
  readonly activation?: string;
  readonly coeff?: number;
  readonly solver?: string;
  readonly adjoint?: string;
  readonly logdet?: string;
  readonly base?: string;
  /** Only for a density of images, as the next four. */
  readonly scales?: number;
  readonly kernels?: readonly number[];
  readonly factorOut?: boolean;
  readonly denseBlocks?: number;
  readonly denseHidden?: readonly number[];
  /** Channels of the stages of a classifier. */
  readonly widths?: readonly number[];
  /** Mirrors training images with probability 1/2, anew at every step. */
  readonly flip?: boolean;
  /**
   * Pixels of a black border around training images, from which a random part of the original size is cut at every
   * step.
   */
  readonly crop?: number;
  /** Number of test images that are evaluated, the first ones. Default: all. */
  readonly testImages?: number;
  readonly memory?: (typeof MEMORY)[number];
  readonly lr: number;
  readonly optimizer: string;
  readonly schedule: (typeof SCHEDULES)[number];
  readonly warmup: number;
  readonly clip?: number;
  readonly ema?: number;
  readonly patience?: number;
  readonly validateEvery: number;
  readonly seed: number;
  readonly batch: number;
  readonly steps: number;
  /** Wall time of a timed run, in seconds. Its steps, and its open options, follow from it. */
  readonly seconds?: number;
}

/** The options of `train` as given. Missing ones have a default or follow from the data. */
export interface TrainOptions extends Partial<Choices>, ComputingOptions {
  /** Number of workers, `auto`, or those of an MPI job. Default `auto`. */
  readonly workers?: Workers;
  readonly data?: string;
  readonly epochs?: number;
  /** Number of steps after which the run pauses, without its evaluation on the test data. */
  readonly until?: number;
  readonly out?: string;
  readonly resume?: boolean;
  readonly force?: boolean;
}

/** The complete options of a run, as its checkpoint stores them. Plain JSON. */
export interface Settings extends Choices {
  /** Name of bundled data, or an absolute path. */
  readonly data: string;
  /** Name of the backend, never `auto`. */
  readonly backend: string;
  readonly plugin: readonly string[];
  /** Threads that share each step. Absent in runs of early versions, which had one. */
  readonly workers?: number;
  /** Steps that the schedule of the learning rate was made for. Stays the same if the run is extended. */
  readonly horizon: number;
}

/** Defaults of the options that do not follow from the data or the preset. */
export const DEFAULTS: Pick<
  Settings,
  'model' | 'lr' | 'optimizer' | 'schedule' | 'warmup' | 'validateEvery' | 'seed' | 'steps' | 'backend'
> = {
  model: 'implicit',
  lr: 1e-3,
  optimizer: 'adam',
  schedule: 'constant',
  warmup: 0,
  validateEvery: 100,
  seed: 0,
  steps: 1000,
  backend: DEFAULT_BACKEND,
};

/** Defaults of a timed run. */
const TIMED = { seconds: 60, schedule: 'cosine', warmup: 20 } as const;

const wrong = (what: string, detail: ConstructorParameters<typeof FlowError>[3]): FlowError =>
  new FlowError('option', 'cli', what, detail);

/** @throws `option` for a warm-up that is longer than the run. */
export const checkWarmup = (warmup: number, steps: number): void => {
  if (warmup > steps)
    throw wrong('The warm-up is longer than the run', {
      expected: `--warmup of at most ${steps}`,
      got: String(warmup),
      hint: 'Lower it, or give more --steps.',
    });
};

/**
 * `steps` is the length of the run; undefined for a timed one.
 *
 * @throws `option` for a pause after the end of the run, or in a timed one.
 */
export const checkUntil = (until: number | undefined, steps: number | undefined): void => {
  if (until === undefined) return;
  if (steps === undefined)
    throw wrong('A timed run does not pause at a step', {
      expected: '--until with --steps or --epochs',
      got: '--until alone or with --seconds',
      hint: 'Give --steps.',
    });
  if (until > steps)
    throw wrong('The run ends before its pause', {
      expected: `--until of at most ${steps}`,
      got: String(until),
      hint: 'Lower it, or give more --steps.',
    });
};

/** Size of the data, which the settings depend on. */
export interface DataSize {
  readonly name: string;
  /** Number of training rows or images; infinite for a toy. */
  readonly rows: number;
  /** Numbers of a row or image. */
  readonly dim: number;
  /** Whether the density depends on numbers, as conditions. Default false. */
  readonly seesNumbers?: boolean;
}

/** What a kind of run decides of the settings of a new run. */
export interface KindDefaults {
  /** Name of the items of its data in messages, in the plural. */
  readonly items: 'rows' | 'images';
  /** Default number of items of a step. */
  readonly batch: number;
  /** Whether a run of unspecified length is timed. */
  isTimed(data: DataSize): boolean;
  /**
   * Defaults of other settings. `seconds` is set for a timed run.
   *
   * @throws `option` for options that do not fit the data.
   */
  defaults(given: TrainOptions, data: DataSize & Pick<Settings, 'batch' | 'seconds'>): Partial<Settings>;
}

/**
 * The settings of a new run.
 *
 * @throws `option` for options that do not fit the data, such as a batch larger than it, epochs of a toy, or a warm-up
 * longer than the run.
 */
export const newSettings = (given: TrainOptions, data: DataSize, kind: KindDefaults): Settings => {
  const {
    json: _json,
    quiet: _quiet,
    out: _out,
    resume: _resume,
    force: _force,
    epochs: _epochs,
    until,
    workers,
    ...choices
  } = given;
  const { rows, dim } = data;
  const batch = given.batch ?? Math.min(kind.batch, rows);
  if (batch > rows)
    throw wrong('--batch is larger than the data', {
      expected: `at most ${rows} (the training ${kind.items} of ${given.data!})`,
      got: String(batch),
      hint: 'Lower --batch.',
    });
  const steps = stepsOf({ ...given, batch }, data) ?? DEFAULTS.steps;
  const isOpen = given.steps === undefined && given.epochs === undefined;
  const seconds = given.seconds ?? (isOpen && kind.isTimed(data) ? TIMED.seconds : undefined);
  const timed = seconds === undefined ? {} : { ...TIMED, seconds };
  checkWarmup(given.warmup ?? DEFAULTS.warmup, steps);
  checkUntil(until, seconds === undefined ? steps : undefined);
  return {
    ...DEFAULTS,
    ...timed,
    ...kind.defaults(given, { ...data, batch, ...timed }),
    ...choices,
    plugin: (given.plugin ?? []).map(pluginSource),
    data: given.data!,
    ...pathsOf(given),
    batch,
    steps,
    horizon: steps,
    workers: workersFor(workers, { batch, dim }),
  };
};

/**
 * The settings of a resumed run: those of its checkpoint, with the patience, backend, workers, memory and plugins of
 * this call.
 *
 * @throws `option` for an option that would change the results of the run.
 */
export const resumedSettings = (
  given: TrainOptions,
  before: Settings,
  { folder, dim }: { readonly folder: string; readonly dim: number },
): Settings => {
  const {
    json: _json,
    quiet: _quiet,
    out: _out,
    resume: _resume,
    force: _force,
    epochs: _epochs,
    steps: _steps,
    until: _until,
    patience,
    backend,
    plugin,
    workers,
    memory,
    ...choices
  } = given;
  const same = { ...choices, ...pathsOf(given) };
  for (const [name, value] of Object.entries(same)) {
    const earlier = before[name as keyof Settings];
    if (JSON.stringify(value) === JSON.stringify(earlier)) continue;
    throw wrong(`${flag(name)} cannot change in a run that is resumed`, {
      expected: earlier === undefined ? 'none, as before' : `${text(earlier)}, as before`,
      got: text(value),
      hint: `Leave it out: --resume takes the options of ${folder}. Or start a new run.`,
    });
  }
  return {
    ...before,
    ...(patience === undefined ? {} : { patience }),
    ...(backend === undefined ? {} : { backend }),
    ...(memory === undefined ? {} : { memory }),
    workers: workers === undefined ? (before.workers ?? 1) : workersFor(workers, { batch: before.batch, dim }),
    plugin: plugin?.map(pluginSource) ?? before.plugin,
  };
};

/**
 * Total number of steps of a run; undefined if no length is given.
 *
 * @throws `option` for epochs of a toy.
 */
export const stepsOf = (
  { steps, epochs, batch, data: name }: Pick<TrainOptions, 'steps' | 'epochs' | 'data'> & { readonly batch: number },
  data: Pick<DataSize, 'name' | 'rows'>,
): number | undefined => {
  if (epochs === undefined) return steps;
  if (data.rows === Infinity)
    throw wrong(`The toy ${name ?? data.name} has no epochs: its rows are drawn afresh`, { hint: 'Give --steps.' });
  return Math.min(Number.MAX_SAFE_INTEGER, epochs * Math.floor(data.rows / batch));
};

/** The data source in the options of a run. */
export const dataOf = ({
  data,
  columns,
  validation,
  test,
  ...rest
}: Pick<TrainOptions, 'data' | 'columns' | 'validation' | 'test' | keyof ReadingOptions | keyof RecordOptions>): Omit<
  DataSource,
  UnstoredField
> => ({
  data: data!,
  ...readingOf(rest),
  ...(Object.keys(recordOptionsOf(rest)).length === 0 ? {} : { records: recordOptionsOf(rest) }),
  ...(columns === undefined ? {} : { columns }),
  ...(validation === undefined ? {} : { validation }),
  ...(test === undefined ? {} : { test }),
});

/** The given paths, made absolute. Names of bundled data stay. */
const pathsOf = (
  given: Pick<TrainOptions, 'data' | 'validation' | 'test'>,
): Pick<TrainOptions, 'data' | 'validation' | 'test'> =>
  Object.fromEntries(
    (['data', 'validation', 'test'] as const).flatMap((name) =>
      given[name] === undefined ? [] : [[name, isPath(given[name]) ? resolve(given[name]) : given[name]]],
    ),
  );

const text = (value: unknown): string => (Array.isArray(value) ? value.join(',') : String(value));
