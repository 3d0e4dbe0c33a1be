import type { BackendAdapter } from '@impflow/core';
import { builtInRegistries, extendRegistries, type Registries } from '@impflow/flows';
import type { OnEvent } from './events.ts';
import { fitTable } from './fit-table.ts';
import type { FitTableOptions } from './fitting/options.ts';
import type { Model } from './model.ts';
import { checkValues, FITTING } from './options/check-arguments.ts';
import { checkOptions } from './options/check.ts';
import { OPTIONS, type Choices } from './options/options.ts';
import type { AnyRow, RowOf, Rows, Source } from './rows/rows.ts';
import type { Sampler } from './table/source.ts';

/** Options of {@link fit}: the options in `OPTIONS`, and options whose values are not plain JSON. */
export interface FitOptions<Row extends RowOf<Row> = AnyRow> extends Choices {
  /**
   * Condition columns. The model is the density of the other columns given the values of these columns. Default: none.
   */
  readonly given?: readonly (keyof Row & string)[];
  /**
   * Validation rows. Default: a random tenth of the rows, but at most 4,000. At most 4,000 of the given rows are used.
   */
  readonly validation?: Source | Rows<Row>;
  /** Test rows for the final evaluation. Default: a random tenth of the rows, but at most 10,000. */
  readonly test?: Source | Rows<Row>;
  /**
   * Number of threads that share each step. Default `auto`: in Node on WebAssembly one thread per core, but at most one
   * per row of a batch and one per 200 numbers of a batch. Elsewhere, `auto` is
   * one thread. With `plugins`, there is always one thread.
   */
  readonly workers?: number | 'auto';
  /** Modules of plugins. Options may name the methods that plugins provide. Default: none. */
  readonly plugins?: readonly object[];
  /** Backend that computes. Default: the backend that is already running, or else WebAssembly. */
  readonly backend?: BackendAdapter;
  /** Receives the events of the training. Default: none. */
  readonly onEvent?: OnEvent;
  /** Signal that ends the training when it is aborted. `fit` then throws the reason of the signal. */
  readonly signal?: AbortSignal;
}

/**
 * Options of `fit` that are not in `OPTIONS`. `fit` refuses the options of `ProgramOptions`, such as `save`, except
 * `onEvent` and `signal`.
 */
const FIT_ONLY = ['validation', 'test', ...Object.keys(FITTING)];

/**
 * Learns the distribution of a table. `fit` finds the kind of each column, holds out validation and test rows, trains,
 * and evaluates the model. Without `steps` and `epochs`, the whole call takes about as long as the option `seconds`
 * states. A large table can take longer, because each training gets at least one second and the evaluation is not shortened. `fit` prints nothing.
 *
 * @remarks Equal rows, options and seeds give bit-identical models if `steps` and `workers` are given. A training with
 * a time limit makes as many steps as fit into its time.
 * @throws `input` for a table that cannot be used (the message names the cell); `option` for wrong options;
 * `registry` for an unknown method; `unsupported` if the backend does not run here; `convergence` if a step is not
 * finite; the reason of an aborted `signal`.
 *
 * @example
 * ```ts
 * import { fit } from 'impflow';
 *
 * const rows = Array.from({ length: 200 }, (_, i) => ({ x: Math.sin(i), y: Math.cos(3 * i) }));
 * const model = await fit(rows, { steps: 20 });
 * console.log(model.report.heldOut, model.score([{ x: 0, y: 1 }]), model.sample(2));
 * ```
 */
export async function fit(rows: Source | Sampler, options?: FitOptions): Promise<Model>;
/**
 * Learns the distribution of typed rows. The model accepts rows of the type `Row`, and its samples have this type.
 *
 * @throws the errors of the overload for tables without a row type.
 */
export async function fit<Row extends RowOf<Row>>(rows: Rows<Row>, options?: FitOptions<Row>): Promise<Model<Row>>;
export async function fit(rows: Rows<AnyRow> | Sampler, options: FitOptions = {}): Promise<Model> {
  checkFitOptions(options);
  const { plugins, backend, ...rest } = options;
  const tableOptions = {
    ...rest,
    registries: registriesOf(plugins),
    ...(backend === undefined ? {} : { adapter: backend }),
  };
  const end = await fitTable(rows, tableOptions as FitTableOptions);
  if (end.stopped === 'aborted') throw options.signal!.reason as Error;
  return end.model;
}

/** @throws `option` for a name that is not an option of `fit`, or for a wrong value. */
export const checkFitOptions = (options: FitOptions): void => {
  checkOptions(options, OPTIONS, FIT_ONLY);
  checkValues('impflow/fit', options, FITTING);
};

/** Returns the built-in registries, extended by the methods of plugins. */
export const registriesOf = (plugins: readonly object[] = []): Registries =>
  plugins.reduce<Registries>(
    (registries, plugin, i) => extendRegistries(registries, plugin, `plugins[${i}]`),
    builtInRegistries,
  );
