import type { BackendAdapter } from '@impflow/core';
import type { Registries } from '@impflow/flows';
import type { RecordsSpec } from '@impflow/tables';
import type { Checkpoint, DataParallel } from '@impflow/training';
import type { Contents, DataPlace, Provenance } from '../checkpoint/contents.ts';
import type { OnEvent } from '../events.ts';
import type { Choices } from '../options/options.ts';
import type { Settings, TrainingSettings } from '../options/settings.ts';
import type { AnyRow, Rows } from '../rows/rows.ts';

/** The properties of a training from which a program chooses its backend. */
export interface Starting<Spec, S extends TrainingSettings> {
  /** The model. */
  readonly spec: Spec;
  /** The complete options. */
  readonly settings: Omit<S, 'workers'>;
  /** The first batch, `[B, size]`. */
  readonly rows: Float32Array;
}

/** Options that a program passes to `fitTable`, or to a training on images, besides the options of the training. */
export interface ProgramOptions<Spec, S extends TrainingSettings> {
  /** The methods that options may name. */
  readonly registries: Registries;
  /** Receives the events of the training. Default: none. */
  readonly onEvent?: OnEvent;
  /** Ends the training after the current step. */
  readonly signal?: AbortSignal;
  /** Backend to start. Default: the backend that runs already, else WebAssembly. */
  readonly adapter?: BackendAdapter;
  /** Chooses a backend for the training and starts it. Default: nothing is chosen. */
  readonly chooseBackend?: (starting: Starting<Spec, S>) => Promise<void>;
  /** Starts the workers of a training. Default: threads of `impflow` for a table, no workers for images. */
  readonly startWorkers?: (spec: Spec, settings: S) => Promise<DataParallel | undefined>;
  /**
   * Number of workers for a batch of `batch` rows of `dim` numbers. Default: chosen by the option `workers` for a
   * table, 1 for images.
   */
  readonly countWorkers?: (batch: number, dim: number) => number;
  /** Place of the data, from which they can be read again. Default: the path or the address that was given. */
  readonly place?: DataPlace;
  /** Facts to store with the origin of the model. */
  readonly provenance?: Partial<Provenance>;
  /**
   * Returns the name of the backend and the plugins of the training, for the field `program` of the checkpoint's
   * `Contents`. Called when the backend runs.
   */
  readonly program?: () => NonNullable<Contents<S, unknown>['program']>;
  /**
   * Start of the training, as a time of `performance.now()`. The time of a timed training is counted from this moment.
   * Default: now.
   */
  readonly startedAt?: number;
  /** Steps after which the training pauses, without an evaluation. */
  readonly until?: number;
  /** Saves a checkpoint: before the first step, after each validation, every half minute, and at the end. */
  readonly save?: (checkpoint: Uint8Array) => Promise<void>;
  /**
   * Checkpoint to continue from. The training keeps the options of the checkpoint, except options that may change: see
   * `resumable` in `OPTIONS`.
   */
  readonly resume?: Checkpoint;
  /** Called when the training is planned, before it begins. */
  readonly onPlan?: (plan: { readonly spec: Spec; readonly settings: S }) => Promise<void>;
}

/** Names of {@link ProgramOptions}. */
export const PROGRAM_OPTIONS: readonly (keyof ProgramOptions<unknown, TrainingSettings>)[] = [
  'registries',
  'onEvent',
  'signal',
  'adapter',
  'chooseBackend',
  'startWorkers',
  'countWorkers',
  'place',
  'provenance',
  'program',
  'startedAt',
  'until',
  'save',
  'resume',
  'onPlan',
];

/** Options of `fitTable`: the options of `fit` that are JSON, and the options that a program adds. */
export interface FitTableOptions extends Choices, ProgramOptions<RecordsSpec, Settings> {
  /** Rows to validate on. Default: a random tenth of the rows, but at most 4,000. More than 4,000 are not used. */
  readonly validation?: Rows<AnyRow>;
  /** Rows of the final test. Default: a random tenth of the rows, but at most 10,000. */
  readonly test?: Rows<AnyRow>;
  /** Threads that share each step. */
  readonly workers?: number | 'auto';
}

/** Options of `fitTable` that are not in `OPTIONS`. */
export const FIT_TABLE_ONLY: readonly Exclude<keyof FitTableOptions, keyof Choices>[] = [
  'validation',
  'test',
  'workers',
  ...PROGRAM_OPTIONS,
];
