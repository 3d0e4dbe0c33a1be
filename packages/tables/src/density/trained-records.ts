import type { Key } from '@impflow/core';
import { emptiedFrame } from '../columns/emptied.ts';
import { completeRows } from '../columns/gaps.ts';
import { atMiddle } from '../columns/noise.ts';
import { pickValues } from '../columns/pick-values.ts';
import type { ColumnSpec } from '../columns/spec.ts';
import { readingFor, valuesOf, type Values } from '../columns/values.ts';
import type { Frame } from '../frame/frame.ts';
import { frameOf } from '../read/frame-of.ts';
import { assertDrawn, assertTemperature } from './assert-drawn.ts';
import { conditionsIn, conditionValues } from './condition-values.ts';
import { cellOf, filledFrame, frameOfValues } from './decode.ts';
import { drawValues } from './draw.ts';
import { isEstimated } from './estimated.ts';
import { explain, type Reason } from './explain.ts';
import { conformalPValues, percentile } from './held-out-ranks.ts';
import { impute, type Imputed, type ImputeOptions } from './impute.ts';
import { logDensitiesOf } from './log-densities.ts';
import type { RecordFlow } from './record-flow.ts';
import { scoreRecords, type Scores } from './score.ts';
import { withGiven } from './with-given.ts';

/** Rows of a table: a frame, or a list of at least one object with a value for each column name. */
export type Rows = Frame | readonly Readonly<Record<string, unknown>>[];

/** Log-densities of rows, and their ranks among the held-out rows. */
export interface ScoredRows extends Scores {
  /**
   * Percentage of the held-out rows that are less likely than the row: see `percentile`. The percentage is 0 if a solve
   * failed. It is NaN for a row with missing cells, or if there are no held-out rows.
   */
  readonly percentiles: Float64Array;
  /**
   * Conformal p-value of each row: see `conformalPValues`. If a solve failed, the p-value is the smallest possible
   * p-value. The p-value is NaN for a row with missing cells, and if there are no held-out rows or their number is
   * unknown.
   */
  readonly pValues: Float64Array;
  /** Notes for the user about the cells, as sentences, for example about categories that training did not see. */
  readonly remarks: readonly string[];
}

/**
 * How much one cell lowers the log-density of its row, with the most likely value of the cell in the units of the file.
 */
export interface NamedReason extends Omit<Reason, 'typical'> {
  /** The most likely value of the cell, given all other cells of the row. */
  readonly typical: string | number | undefined;
}

/** Options of {@link TrainedRecords.sampleValues}. */
export interface DrawOptions {
  /** Key of the random numbers. */
  readonly key: Key;
  /** Factor by which the standard deviation of draws from the base density is multiplied, in `(0, 10]`. Default 1. */
  readonly temperature?: number;
  /**
   * Number of the first draw. Use this option to draw in several calls: if `first` is the number of draws of all
   * earlier calls, the draws are equal to the draws of a single call. Default 0.
   */
  readonly first?: number;
}

/** Options of {@link TrainedRecords.sample}. */
export interface SampleRecordsOptions extends DrawOptions {
  /** Values of the conditions: one row per draw, or one row for all draws. Required for a density with conditions. */
  readonly given?: Rows;
}

/** A trained density of records. The methods accept the cells of a table, and return numbers or cells. */
export interface TrainedRecords {
  /** The flow of the density, with its spec. */
  readonly density: RecordFlow;
  /** Whether log-densities are estimates: see `isEstimated`. */
  readonly estimated: boolean;
  /** Log-densities of the held-out rows, with which the log-densities of scored rows are compared. */
  readonly heldOut?: ReferenceQuantiles;
  /**
   * Checks rows and converts them to values for the methods `scoreValues` and `explainValues`, at the middle of their
   * noise intervals. A program that scores or explains rows in batches calls `read` only once. If an object lacks a
   * key, the cell is missing.
   *
   * @throws `input` for a frame that lacks a column, an object that has none of the columns, or a cell whose kind is
   * not the kind of its column.
   */
  read(rows: Rows): Values;
  /** Returns the log-densities of rows, in nats, in the units of the file: see `scoreRecords`. */
  score(rows: Rows): ScoredRows;
  /** Returns the log-densities of rows, as `score` does, for values that `read` returned or for some of their rows. */
  scoreValues(values: Values): ScoredRows;
  /** Returns how much each cell lowers the log-density of its row: see `explain`. */
  explain(rows: Rows): readonly (readonly NamedReason[])[];
  /**
   * Returns how much each cell lowers the log-density of its row, for values that `read` returned or for some of their
   * rows.
   */
  explainValues(values: Values): readonly (readonly NamedReason[])[];
  /**
   * Checks and returns the values of the conditions of `count` draws. `given` has one row per draw, or one row for all
   * draws.
   *
   * @returns Values whose `remarks` name numbers outside the training values.
   * @throws the errors of `conditionValues`.
   */
  conditions(count: number, given?: Rows): Values;
  /**
   * Draws rows, and returns them as cells of a frame. Conditions are returned as they are in `given`. A draw depends
   * only on the key, the conditions and the number of the draw.
   *
   * @returns A frame whose `remarks` name conditions outside the training values.
   * @throws `option` for a temperature that is not above 0 and at most 10, and for draws that overflow at a temperature
   * above 1; `convergence` for draws that overflow at other temperatures; all errors of `conditions`.
   */
  sample(count: number, options: SampleRecordsOptions): Frame;
  /** Draws rows as `sample` does, for values that the method `conditions` returned or for some of their rows. */
  sampleValues(conditions: Values, options: DrawOptions): Frame;
  /**
   * Fills the missing cells of rows: see `impute`. Known cells are returned unchanged, but numbers in a format become
   * plain numbers. Drawn dates are ISO strings.
   */
  impute(rows: Rows, options: Omit<ImputeOptions, 'estimated'>): Imputed & { readonly frame: Frame };
}

/** Log-densities of the held-out rows of a run, with which the log-density of a row is compared. */
export interface ReferenceQuantiles {
  /** Quantiles of the held-out log-densities, in equal steps and in ascending order. */
  readonly quantiles: readonly number[];
  /** Number of held-out rows. If the number is undefined, p-values are NaN. */
  readonly rows?: number;
}

/**
 * Returns methods that score, explain, draw and complete rows by a trained density of records.
 *
 * @param heldOut Log-densities of the held-out rows. If undefined, percentiles and p-values are NaN.
 * @param estimated Whether log-densities are estimates. Set this parameter if a plugin provides the estimator of the
 * log-determinants.
 */
export const trainedRecords = (
  density: RecordFlow,
  heldOut?: ReferenceQuantiles,
  estimated: boolean = isEstimated(density.spec.flow),
): TrainedRecords => {
  const { spec } = density;
  const read = (rows: Rows): Values =>
    atMiddle(valuesOf(frameOfRecords(rows, spec.columns), spec.columns), spec.columns);
  const scoreValues = (values: Values): ScoredRows => {
    const scores = scoreRecords(density, values, { estimated });
    return { ...scores, ...comparedWith(heldOut, scores), remarks: values.remarks };
  };
  const explainValues = (values: Values): readonly (readonly NamedReason[])[] => {
    const densities = new Float64Array(values.rows).fill(NaN);
    const complete = completeRows(values, density.layout);
    const found = logDensitiesOf(density, density.eventsOf(pickValues(values, complete)), { estimated });
    complete.forEach((row, i) => (densities[row] = found.values[i]!));
    const cell = (value: number, name: string): NamedReason['typical'] =>
      cellOf(
        value,
        spec.columns.find((column) => column.name === name)!,
      );
    return explain(density, values, densities, { estimated }).map((reasons) =>
      reasons.map((reason) => ({ ...reason, typical: cell(reason.typical, reason.column) })),
    );
  };
  const conditions: TrainedRecords['conditions'] = (count, given) =>
    conditionValues(spec, given === undefined ? undefined : frameOfRecords(given, conditionsIn(spec.columns)), count);
  const sampleValues: TrainedRecords['sampleValues'] = (values, options) => {
    assertTemperature(options.temperature ?? 1, 'tables/sample');
    const drawn = drawValues(density, values, options);
    assertDrawn(drawn, spec, options.temperature);
    return { ...frameOfValues(drawn, spec.columns, 'samples'), remarks: values.remarks };
  };
  return {
    density,
    estimated,
    ...(heldOut === undefined ? {} : { heldOut }),
    read,
    scoreValues,
    explainValues,
    score: (rows) => scoreValues(read(rows)),
    explain: (rows) => explainValues(read(rows)),
    conditions,
    sampleValues,
    sample: (count, { given, ...options }) => {
      const drawn = sampleValues(conditions(count, given), options);
      const named = conditionsIn(spec.columns);
      return given === undefined || named.length === 0
        ? drawn
        : withGiven(drawn, frameOfRecords(given, named), spec.columns);
    },
    impute: (rows, options) => {
      const cells = emptiedFrame(
        frameOfRecords(rows, spec.columns),
        Object.fromEntries(spec.columns.map(({ name, gaps = [] }) => [name, gaps])),
      );
      const found = impute(density, read(cells), { ...options, estimated });
      const filled = frameOfValues(found.values, spec.columns, 'imputed rows');
      return { ...found, frame: filledFrame(cells, filled, found.row, spec.columns) };
    },
  };
};

/** Returns the percentile and the p-value of each row with respect to the held-out rows. */
const comparedWith = (
  { quantiles, rows }: Partial<ReferenceQuantiles> = {},
  scores: Scores,
): Pick<ScoredRows, 'percentiles' | 'pValues'> => {
  const own = comparable(scores);
  const none = (): Float64Array => new Float64Array(own.length).fill(NaN);
  return {
    percentiles:
      quantiles === undefined
        ? none()
        : own.map((value) => (Number.isNaN(value) ? NaN : percentile(value, quantiles, rows))),
    pValues: quantiles === undefined || rows === undefined ? none() : conformalPValues(own, quantiles, rows),
  };
};

/**
 * Returns the log-densities that can be compared with the held-out rows. If a solve of a row failed, the result is
 * -Infinity, because this row counts as less likely than all held-out rows. For a row with missing cells, the result is
 * NaN, because densities of different sets of columns cannot be compared.
 */
const comparable = ({ values, gaps }: Scores): Float64Array =>
  values.map((value, row) => (gaps[row]! > 0 ? NaN : Number.isNaN(value) ? -Infinity : value));

const frameOfRecords = (rows: Rows, columns: readonly ColumnSpec[]): Frame =>
  'columns' in rows ? rows : frameOf(rows, 'the objects', readingFor(columns));
