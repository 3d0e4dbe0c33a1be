import type { Frame, FrameColumn } from '@impflow/data';
import type { ScoredRows } from '@impflow/records';

/** One number of each row: a column of a file of scores. */
export interface ScoreColumn {
  /** Name in a file. */
  readonly name: string;
  /** Name in JSON. */
  readonly json: string;
  /** Head of the column in the terminal. */
  readonly title: string;
  readonly numbers: Float64Array;
}

/** The columns of scores. Standard errors are left out if all log-densities are exact, gaps if there are none. */
export const scoreColumns = (
  { values, percentiles, converged, errors, gaps, pValues }: ScoredRows,
  estimated: boolean,
): readonly ScoreColumn[] => {
  const haveGaps = gaps.some((count) => count > 0);
  return [
    { name: 'log_density', json: 'logDensity', title: 'log density (nats)', numbers: values },
    { name: 'percentile', json: 'percentile', title: 'percentile among held-out rows', numbers: percentiles },
    { name: 'converged', json: 'converged', title: 'converged', numbers: Float64Array.from(converged) },
    ...(estimated || haveGaps
      ? [{ name: 'se', json: 'standardError', title: 'standard error (nats)', numbers: errors }]
      : []),
    ...(haveGaps ? [{ name: 'gaps', json: 'gaps', title: 'gaps', numbers: Float64Array.from(gaps) }] : []),
    { name: 'p_value', json: 'pValue', title: 'p-value', numbers: pValues },
  ];
};

/** Columns as a file. */
export const scoreFrame = (source: string, columns: readonly FrameColumn[], rows: number): Frame => ({
  columns,
  rows,
  source,
  place: (row) => `row ${row + 1}`,
});

/** Columns as lists of JSON. */
export const scoreLists = (columns: readonly ScoreColumn[]): Readonly<Record<string, readonly number[]>> =>
  Object.fromEntries(columns.filter(isListed).map(({ json, numbers }) => [json, [...numbers]]));

/** JSON counts the rows that did not converge instead. */
export const isListed = ({ name }: ScoreColumn): boolean => name !== 'converged';

/** Number of rows whose solves did not converge. */
export const unconverged = ({ converged }: Pick<ScoredRows, 'converged'>): number =>
  converged.reduce((count, flag) => count + (flag === 0 ? 1 : 0), 0);
