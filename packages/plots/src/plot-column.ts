import { FlowError } from '@impflow/core';
import type { DateUnit } from './date-ticks.ts';
import { domainOf, type Domain } from './domain.ts';

/** A column of a picture: its cells in the data, and its cells in draws of a model. */
export interface PlotColumn {
  /** Name, with a unit if any. */
  readonly name: string;
  /** Cells of the data, `[n]`. NaN is a gap. */
  readonly data: ArrayLike<number>;
  /** Cells of further rows of data, `[k]`, from which the model learned. They are drawn paler. Default: none. */
  readonly training?: ArrayLike<number>;
  /** Cells of the draws of the model, `[m]`. */
  readonly samples: ArrayLike<number>;
  /** For dates, the unit in which the cells count the time since 1970-01-01T00:00 UTC. Default: not dates. */
  readonly date?: DateUnit;
  /** Distance of neighboring values of a column whose values repeat. Bins of histograms are multiples. Default: none. */
  readonly step?: number;
  /**
   * For categories, their names, the most frequent first. A cell is the index of its category; larger indices are other
   * categories.
   */
  readonly levels?: readonly string[];
}

/** A column of categories. */
export type LevelColumn = PlotColumn & { readonly levels: readonly string[] };

/** A column of numbers or dates, and the range of its axis. */
export interface Ranged {
  readonly column: PlotColumn;
  readonly domain: Domain;
}

export const ranged = (column: PlotColumn): Ranged => ({
  column,
  domain: domainOf([column.data, trainingOf(column), column.samples]),
});

/** Returns the cells of the training rows. */
export const trainingOf = ({ training = [] }: PlotColumn): ArrayLike<number> => training;

/** Whether a column contains categories. */
export const hasLevels = (column: PlotColumn): column is LevelColumn => column.levels !== undefined;

/** @throws `shape` if there are no columns, or if columns have different lengths. */
export const assertColumns = (columns: readonly PlotColumn[], at: string): void => {
  const lengths = columns.map(({ data, training, samples }) =>
    [data, ...(training === undefined ? [] : [training]), samples].map(({ length }) => length).join(' and '),
  );
  const wrong = lengths.findIndex((each) => each !== lengths[0]);
  if (columns.length > 0 && wrong < 0) return;
  throw new FlowError('shape', at, 'Wrong columns', {
    expected: columns.length === 0 ? 'at least one' : `${lengths[0]} cells, as in "${columns[0]!.name}"`,
    got: columns.length === 0 ? 'none' : `${lengths[wrong]} cells in "${columns[wrong]!.name}"`,
  });
};
