import type { Frame, FrameColumn, ScoredRows } from '@impflow/tables';

/** A column of a file of scores, with one number for each row. */
export interface ScoreColumn {
  /** Name of the column in a file. */
  readonly name: string;
  /** Name of the column in JSON. */
  readonly json: string;
  /** Heading of the column in a table that a command prints. */
  readonly title: string;
  /** The numbers, one for each row. */
  readonly numbers: Float64Array;
}

/**
 * Returns the columns of scores. The column of standard errors is left out if all log-densities are exact. The column
 * of gaps (numbers of empty cells) is left out if no row has a gap.
 */
export const scoreColumns = (scores: ScoredRows, estimated: boolean): readonly ScoreColumn[] => {
  const haveGaps = scores.gaps.some((count) => count > 0);
  const names = scoreNames({ estimated, haveGaps });
  return allScoreColumns(scores).filter(({ name }) => names.includes(name));
};

/** Returns the names of the columns of scores: see {@link scoreColumns}. */
export const scoreNames = ({
  estimated,
  haveGaps,
}: {
  readonly estimated: boolean;
  readonly haveGaps: boolean;
}): readonly string[] => [
  'log_density',
  'percentile',
  'converged',
  ...(estimated || haveGaps ? ['se'] : []),
  ...(haveGaps ? ['gaps'] : []),
  'p_value',
];

/** The three names of a column of scores: in a file, in JSON, and in the terminal. */
type ScoreHead = Pick<ScoreColumn, 'name' | 'json' | 'title'>;

/** Names of all columns that scores can have. */
export const SCORE_HEADS: readonly ScoreHead[] = [
  { name: 'log_density', json: 'logDensity', title: 'log density (nats)' },
  { name: 'percentile', json: 'percentile', title: 'percentile among held-out rows' },
  { name: 'converged', json: 'converged', title: 'converged' },
  { name: 'se', json: 'standardError', title: 'standard error (nats)' },
  { name: 'gaps', json: 'gaps', title: 'gaps' },
  { name: 'p_value', json: 'pValue', title: 'p-value' },
];

/**
 * Returns all columns of {@link SCORE_HEADS}. Each part of a table has all of these columns, so that all parts have the
 * same columns.
 */
export const allScoreColumns = ({
  values,
  percentiles,
  converged,
  errors,
  gaps,
  pValues,
}: ScoredRows): readonly ScoreColumn[] => {
  const numbers = [values, percentiles, Float64Array.from(converged), errors, Float64Array.from(gaps), pValues];
  return SCORE_HEADS.map((head, i) => ({ ...head, numbers: numbers[i]! }));
};

/** Returns columns of scores as a frame. */
export const scoreFrame = (source: string, columns: readonly FrameColumn[], rows: number): Frame => ({
  columns,
  rows,
  source,
  place: (row) => `row ${row + 1}`,
});

/** Returns columns of scores as lists, by their names in JSON. */
export const scoreLists = (columns: readonly ScoreColumn[]): Readonly<Record<string, readonly number[]>> =>
  Object.fromEntries(columns.filter(isListed).map(({ json, numbers }) => [json, [...numbers]]));

/**
 * Whether a column is in the JSON of scores. For the column `converged`, the JSON contains the number of rows that did
 * not converge instead.
 */
export const isListed = ({ name }: ScoreHead): boolean => name !== 'converged';

/** Returns the number of rows whose solves did not converge. */
export const unconverged = ({ converged }: Pick<ScoredRows, 'converged'>): number =>
  converged.reduce((count, flag) => count + (flag === 0 ? 1 : 0), 0);
