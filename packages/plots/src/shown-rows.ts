import { trainingOf, type PlotColumn } from './plot-column.ts';
import { thinned } from './statistics.ts';

/** Rows that a scatter plot shows, by their index. */
export interface ShownRows {
  readonly training: readonly number[];
  readonly data: readonly number[];
  readonly samples: readonly number[];
}

/** Largest number of rows of data in a scatter plot, and of draws. */
const MOST = 600;

/**
 * Chooses the rows that scatter plots show: as many draws of the model as rows of data, because a reader compares the
 * density of the points. Training rows are only shown if there is room for them beside all rows of the data.
 */
export const shownRows = (column: PlotColumn, most: number = MOST): ShownRows => {
  const [data, training, samples] = [column.data, trainingOf(column), column.samples].map(({ length }) =>
    Array.from({ length }, (_, row) => row),
  ) as [number[], number[], number[]];
  const count = Math.min(most, data.length + training.length, samples.length);
  const tested = thinned(data, Math.min(count, data.length));
  return { data: tested, training: thinned(training, count - tested.length), samples: thinned(samples, count) };
};
