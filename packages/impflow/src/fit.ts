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

/** Options of {@link fit}: the options in `OPTIONS`, and the options that are not plain JSON. */
export interface FitOptions<Row extends RowOf<Row> = AnyRow> extends Choices {
  /** Condition columns: the model is the density of the other columns given these. Default: none. */
  readonly given?: readonly (keyof Row & string)[];
  /** Rows to validate on. Default: a random tenth of the rows, but at most 4,000. More than 4,000 are not used. */
  readonly validation?: Source | Rows<Row>;
  /** Rows of the final test. Default: a random tenth of the rows, but at most 10,000. */
  readonly test?: Source | Rows<Row>;
  /**
   * Threads that share each step. Default `auto`: in Node on WebAssembly one per core, but at most one per row of a
   * step and one per 200 numbers of a step; otherwise one.
   */
  readonly workers?: number | 'auto';
  /** Modules of plugins, whose methods options may name. Default: none. */
  readonly plugins?: readonly object[];
  /** Backend. Default: the backend that runs already, else WebAssembly. */
  readonly backend?: BackendAdapter;
  /** Receives the events of the training. Default: none. */
  readonly onEvent?: OnEvent;
  /** An abort ends the training: `fit` then throws the reason of the signal. */
  readonly signal?: AbortSignal;
}

/** Options of `fit` that are not in `OPTIONS`. `fit` refuses the options of `ProgramOptions`, such as `save`. */
const FIT_ONLY = ['validation', 'test', ...Object.keys(FITTING)];

/**
 * Learns the distribution of a table. `fit` finds the kind of each column, holds out rows for choices and for the test,
 * and trains. All this, with the evaluation at the end, takes about `seconds`. Only on a large table does it take
 * longer: each training gets at least one second, and the evaluation is not shortened. `fit` prints nothing.
 *
 * @remarks The same rows, options and seed give the same bits if `steps` and `workers` are given; a timed training
 * takes as many steps as fit into its time.
 * @throws `input` for a table that cannot be used (the message names the cell); `option` for wrong options;
 * `convergence` if a step is not finite; the reason of an aborted `signal`.
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
 * Learns the distribution of typed rows. The model takes rows of this type, and its samples have this type.
 *
 * @throws as for a table without a type.
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

/** @throws `option` for an option that `fit` does not have, or a wrong value. */
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
