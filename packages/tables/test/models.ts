import { key, type Key } from '@impflow/core';
import {
  frameOf,
  type Frame,
  completeRows,
  fitColumns,
  layoutOf,
  logDensitiesOf,
  pickValues,
  planColumns,
  recordFlow,
  recordsSpec,
  valuesOf,
  withNoise,
  type FitColumnsOptions,
  type PlanOptions,
  type RecordFlow,
  type RecordsOptions,
  type RecordsSpec,
  type Values,
} from '@impflow/tables';
import { lively } from '@impflow/testkit';
import { vega } from './vega.ts';

/** Returns the data set penguins without the row whose sex is given as a dot. */
export const penguins = (): Frame =>
  frameOf(
    vega('penguins.json').filter(({ Sex }) => Sex !== '.'),
    'penguins',
  );

export const PENGUINS = {
  species: 'Species',
  sex: 'Sex',
  bill: 'Beak Length (mm)',
  depth: 'Beak Depth (mm)',
  flipper: 'Flipper Length (mm)',
  mass: 'Body Mass (g)',
  island: 'Island',
} as const;

/** Returns a frame with only the named columns. */
export const columnsOf = (frame: Frame, names: readonly string[]): Frame => ({
  ...frame,
  columns: names.map((name) => frame.columns.find((column) => column.name === name)!),
});

/** The spec of a density of records, and the data to which it was fitted. */
export interface Fitted {
  readonly spec: RecordsSpec;
  /** Training rows without missing cells, with noise. */
  readonly train: Values;
}

/** Fits the spec of a density of records to all rows of a frame. */
export const fitted = (
  frame: Frame,
  plan: PlanOptions = {},
  choices: RecordsOptions = {},
  columns: FitColumnsOptions = {},
): Fitted => {
  const found = fitColumns(frame, planColumns(frame, plan), columns);
  const noisy = withNoise(valuesOf(frame, found.columns), found.columns, key(3));
  const train = pickValues(noisy, completeRows(noisy, layoutOf({ columns: found.columns })));
  return { spec: recordsSpec(found, train, { model: 'coupling', hidden: [8], blocks: 0, ...choices }), train };
};

/** Returns a model with random weights, whose density differs clearly from the initial density. */
export const livelyModel = (spec: RecordsSpec, scale = 0.15): RecordFlow => {
  const model = recordFlow(spec, { key: key(5) });
  lively(model.flow, scale);
  return model;
};

/** Returns `log p` of rows without missing cells. */
export const logProbs = (model: RecordFlow, values: Values): Float32Array =>
  logDensitiesOf(model, model.eventsOf(values), { estimated: false }).values;

/** Creates `Values` from one list of numbers for each column. */
export const rowsOf = (columns: readonly ArrayLike<number>[]): Values => ({
  rows: columns[0]!.length,
  columns: columns.map((column) => Float64Array.from(column)),
  remarks: [],
});

/** Returns a row repeated `count` times. */
export const times = (row: readonly number[], count: number): Values =>
  rowsOf(row.map((value) => new Float64Array(count).fill(value)));

/**
 * Returns the middles and the widths of `count` cells of an integration grid. `map` takes equal cells of the unit
 * interval to these cells.
 */
export const grid = (
  count: number,
  map: (u: number) => number,
): { readonly at: Float64Array; readonly width: Float64Array } => {
  const edges = Float64Array.from({ length: count + 1 }, (_, i) => map(i / count));
  return {
    at: Float64Array.from({ length: count }, (_, i) => map((i + 0.5) / count)),
    width: Float64Array.from({ length: count }, (_, i) => edges[i + 1]! - edges[i]!),
  };
};

/**
 * Returns the upper 1e-6 quantile of the chi-square distribution with `freedom` degrees of freedom (Wilson and
 * Hilferty, 1931).
 */
export const chiSquareBound = (freedom: number): number => {
  const s = 2 / (9 * freedom);
  return freedom * (1 - s + 4.753 * Math.sqrt(s)) ** 3;
};

/** Returns the chi-square statistic, in `bins` equal bins, of numbers that should be uniform in (0, 1). */
export const chiSquareOfUniform = (numbers: ArrayLike<number>, bins: number): number => {
  const counts = new Float64Array(bins);
  for (let i = 0; i < numbers.length; i++) counts[Math.min(bins - 1, Math.floor(numbers[i]! * bins))]! += 1;
  const expected = numbers.length / bins;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
};

/** Returns `log(sum(exp(x)))`. */
export const logSum = (logs: ArrayLike<number>): number => {
  const most = Math.max(...Array.from(logs));
  return most + Math.log(Array.from(logs).reduce((sum, log) => sum + Math.exp(log - most), 0));
};

export type { Key };
