import { FlowError } from '@impflow/core';
import {
  dequantise,
  describeColumns,
  distinctRows,
  fitScaling,
  noiseRemarks,
  pickRows,
  resolutionsOf,
  splitRows,
  type ColumnSummary,
  type Table,
} from '@impflow/tables';
import { dataKey, runKey } from '@impflow/training';
import type { DataChoice } from '../../config.ts';
import type { PointColors } from '../../protocol/data.ts';
import { epochBatches } from './batches.ts';
import { disturbed } from './noise.ts';
import type { Place } from './places.ts';
import type { Prepared } from './prepared.ts';
import { boxAround, inSquare, mapAround, square } from './region.ts';

interface Source extends Place {
  readonly name: string;
  readonly kind: 'place' | 'drawn' | 'table';
  /** One color for each row. */
  readonly colors?: PointColors;
}

/** Smallest number of rows, as the command line requires of a table. */
export const FEWEST = 10;
/**
 * Fractions of the command line's split, for data that it can find too: its test rows are not used for training here
 * either. Drawn points exist on this page only.
 */
const SHARES = {
  place: { validation: 0.1, test: 0.1 },
  table: { validation: 0.1, test: 0.1 },
  drawn: { validation: 0.1, test: 0 },
} as const;
/**
 * Distance of the correlation of the two columns from 1 below which the rows lie on a line, to the precision of
 * float32.
 */
const APART = 1e-6;

/**
 * Fixed rows. A fifth is held out (a tenth of drawn points); all others, or `size` of them, are training rows. So the
 * held-out rows do not depend on the number of training rows.
 *
 * @throws `input` for rows that are too few, not finite, constant in one column, or on one line.
 */
export const rowData = (
  { name, kind, columns, rows, colors, about, outline }: Source,
  { noise, size }: DataChoice,
  seed: number,
): Prepared => {
  const whole: Table = { columns, rows: rows.length / 2, values: rows, source: name };
  checkRows(whole, kind);
  const kept = kind === 'table' ? distinctRows(whole) : undefined;
  const raw = kept === undefined ? whole : pickRows(whole, kept);
  checkRows(raw, kind);
  const key = runKey(seed, 'data');
  const parts = splitRows(raw.rows, { key: dataKey(key, 'split'), fractions: SHARES[kind] });
  const summaries = describeColumns(pickRows(raw, parts.train));
  // Drawn points repeat values only by chance, and noise should not move them.
  const dequantised = kind === 'drawn' ? {} : resolutionsOf(summaries);
  const dense = dequantise(raw, dequantised, dataKey(key, 'dequantise'));
  const [across, up] =
    kind === 'drawn' ? [1, 1] : describeColumns(dense).map(({ standardDeviation }) => standardDeviation);
  const table: Table = {
    ...dense,
    values: disturbed(dense.values, [noise * across!, noise * up!], dataKey(key, 'addedNoise')),
  };
  const trained = size === 0 ? parts.train : parts.train.subarray(0, size);
  const train = pickRows(table, trained);
  checkSpread(train, kind);
  return {
    name,
    columns,
    train: train.values,
    ...(colors === undefined
      ? {}
      : { colors: { ...colors, values: Float32Array.from(trained, (row) => colors.values[kept?.[row] ?? row]!) } }),
    heldOut: pickRows(table, Uint32Array.from([...parts.validation, ...parts.test])).values,
    dequantised,
    distinct: kept !== undefined,
    about: [
      about,
      ...(kept === undefined ? [] : [`${whole.rows - raw.rows} copies of rows are left out.`]),
      ...noiseRemarks(summaries, dequantised),
      ...noiseAdded(noise, kind),
    ].join(' '),
    scaling: fitScaling(train),
    ...(kind === 'place'
      ? mapAround(table.values)
      : { region: kind === 'drawn' && inSquare(rows) ? square(noise) : boxAround(table.values), aspect: 1 }),
    ...(outline === undefined ? {} : { outline }),
    batch: epochBatches(train.values),
  };
};

const noiseAdded = (noise: number, kind: Source['kind']): readonly string[] =>
  noise === 0
    ? []
    : [
        `Gaussian noise of ${kind === 'drawn' ? `standard deviation ${noise}` : `${noise} standard deviations of each column`} added.`,
      ];

const checkRows = ({ rows, values, source }: Table, kind: Source['kind']): void => {
  if (!Number.isInteger(rows))
    throw new FlowError('shape', 'demo/prepare', `Half a row in ${source}`, {
      expected: 'pairs of numbers',
      got: `${values.length} numbers`,
    });
  if (rows < FEWEST) {
    throw new FlowError('input', 'demo/prepare', `Too few rows in ${source}`, {
      expected: `at least ${FEWEST}`,
      got: String(rows),
      hint: kind === 'drawn' ? 'Draw more points.' : 'Bring more rows.',
    });
  }
  const odd = values.findIndex((value) => !Number.isFinite(value));
  if (odd >= 0)
    throw new FlowError('input', 'demo/prepare', `Wrong number in row ${Math.floor(odd / 2) + 1} of ${source}`, {
      expected: 'finite numbers',
      got: String(values[odd]),
    });
};

/** @throws `input` if the training rows have no density in the plane. */
const checkSpread = (train: Table, kind: Source['kind']): void => {
  const { source } = train;
  const [across, up] = describeColumns(train) as [ColumnSummary, ColumnSummary];
  const hint =
    kind === 'drawn'
      ? 'Draw points that spread both ways.'
      : kind === 'table'
        ? 'Choose another column.'
        : 'Take more rows.';
  for (const { name, min, max } of [across, up]) {
    if (min === max) {
      throw new FlowError('input', 'demo/prepare', `Nothing to learn in the column "${name}" of ${source}`, {
        expected: 'values that differ',
        got: `${min} in every row to train on`,
        hint,
      });
    }
  }
  let sum = 0;
  for (let i = 0; i < train.values.length; i += 2) {
    sum +=
      ((train.values[i]! - across.mean) / across.standardDeviation) *
      ((train.values[i + 1]! - up.mean) / up.standardDeviation);
  }
  if (1 - Math.abs(sum / train.rows) >= APART) return;
  throw new FlowError(
    'input',
    'demo/prepare',
    `The rows of ${source} lie on a line, where a density of the plane has no value`,
    {
      expected: 'two columns of which neither follows from the other',
      got: `"${across.name}" and "${up.name}" with a correlation of ${sum > 0 ? 1 : -1}`,
      hint,
    },
  );
};
