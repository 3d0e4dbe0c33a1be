import type { BackendAdapter } from '@impflow/core';
import type { Registries } from '@impflow/flows';
import type { RecordsSpec } from '@impflow/tables';
import type { Checkpoint, DataParallel } from '@impflow/training';
import type { Contents, DataPlace, Provenance } from '../checkpoint/contents.ts';
import type { OnEvent } from '../events.ts';
import type { Choices } from '../options/options.ts';
import type { Settings, TrainingSettings } from '../options/settings.ts';
import type { AnyRow, Rows } from '../rows/rows.ts';

/** The properties of a training by which a program chooses the backend. */
export interface Starting<Spec, S extends TrainingSettings> {
  /** Spec of the model. */
  readonly spec: Spec;
  /** The options, including all defaults. */
  readonly settings: Omit<S, 'workers'>;
  /** The first batch, `[B, size]`. */
  readonly rows: Float32Array;
}

/** Additional options that a program passes to `fitTable` or to a training on images. */
export interface ProgramOptions<Spec, S extends TrainingSettings> {
  /** Registries with the methods that options may name. */
  readonly registries: Registries;
  /** Receives the events of the training. Default: none. */
  readonly onEvent?: OnEvent;
  /** Signal whose abort ends the training after the current step. */
  readonly signal?: AbortSignal;
  /** Backend to start. Default: the backend that is already running, or else WebAssembly. */
  readonly adapter?: BackendAdapter;
  /** Chooses a backend for the training and starts the backend. Default: starts the backend `adapter`. */
  readonly chooseBackend?: (starting: Starting<Spec, S>) => Promise<void>;
  /** Starts the workers of a training. Default: `impflow` starts threads for a table, and no workers for images. */
  readonly startWorkers?: (spec: Spec, settings: S) => Promise<DataParallel | undefined>;
  /**
   * Returns the number of workers for a batch of `batch` rows of `dim` numbers. Default: the option `workers` decides
   * for a table, and images have 1 worker.
   */
  readonly countWorkers?: (batch: number, dim: number) => number;
  /** Path or address from which the data can be read again. Default: the path or the address that was given as rows. */
  readonly place?: DataPlace;
  /** Additional fields of the provenance in the checkpoint. */
  readonly provenance?: Partial<Provenance>;
  /**
   * Returns the name of the backend and the plugins of the training, for the field `program` of the checkpoint's
   * `Contents`. Called after the backend has started.
   */
  readonly program?: () => NonNullable<Contents<S, unknown>['program']>;
  /**
   * Start of the training, as a time of `performance.now()`. The time limit of a training counts from this moment.
   * Default: now.
   */
  readonly startedAt?: number;
  /** Number of the step after which the training pauses without an evaluation. */
  readonly until?: number;
  /** Saves a checkpoint. Called before the first step, after each validation, every half minute, and at the end. */
  readonly save?: (checkpoint: Uint8Array) => Promise<void>;
  /**
   * Checkpoint to resume from. The training keeps the options of the checkpoint, except the options that are
   * `resumable` in `OPTIONS`.
   */
  readonly resume?: Checkpoint;
  /** Called with the plan of the first training, before its first step. */
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

/** Options of `fitTable`: the options of `fit` whose values are JSON, and the options that only programs pass. */
export interface FitTableOptions extends Choices, ProgramOptions<RecordsSpec, Settings> {
  /**
   * Validation rows. Default: a random tenth of the rows, but at most 4,000. At most 4,000 of the given rows are used.
   */
  readonly validation?: Rows<AnyRow>;
  /** Test rows for the final evaluation. Default: a random tenth of the rows, but at most 10,000. */
  readonly test?: Rows<AnyRow>;
  /** Number of threads that share each step. */
  readonly workers?: number | 'auto';
}

/** Options of `fitTable` that are not in `OPTIONS`. */
export const FIT_TABLE_ONLY: readonly Exclude<keyof FitTableOptions, keyof Choices>[] = [
  'validation',
  'test',
  'workers',
  ...PROGRAM_OPTIONS,
];
