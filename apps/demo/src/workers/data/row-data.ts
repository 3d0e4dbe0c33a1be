import { FlowError, fold, isFlowError, problemOf } from '@impflow/core';
import { describeColumns, type Frame } from '@impflow/tables';
import { dataKey, runKey } from '@impflow/training';
import { assertIndependent, pickPart, rowCount, splitTable, type Part, type TableParts } from 'impflow/run';
import type { DataChoice } from '../../config.ts';
import type { PointColors } from '../../protocol/data.ts';
import { disturbed } from './noise.ts';
import type { Place } from './places.ts';
import { pairsOf, partOfPairs, TRANSFORM, valuesOfPairs, type Prepared } from './prepared.ts';
import { boxAround, inSquare, mapAround, square } from './region.ts';

/** A data set with fixed rows. */
export interface Source extends Place {
  readonly name: string;
  readonly kind: 'place' | 'drawn' | 'table';
  /** The column that determines the color of each row. */
  readonly colors?: PointColors;
}

/**
 * Prepares the rows of a data set with fixed rows. The rows are split as in `impflow train`: at most a fifth of the rows
 * is held out. All remaining rows, or `size` of the remaining rows, are the training rows. Therefore the held-out rows do
 * not depend on `size`.
 *
 * @throws `input` if there are too few rows, if a column is constant, or if all rows lie on a line.
 */
export const rowData = async (source: Source, { noise, size }: DataChoice, seed: number): Promise<Prepared> => {
  const { name, kind, columns, rows, colors, about, outline } = source;
  const frame = frameOf(source);
  const key = runKey(seed, 'data');
  const whole = await refusing(kind, () => splitTable({ frame }, { key, transform: TRANSFORM }));
  const cells = whole.complete.cells.columns.map((numbers, j) => ({ name: columns[j]!, numbers }));
  const [across, up] =
    kind === 'drawn' ? [1, 1] : describeColumns(cells).map(({ standardDeviation }) => standardDeviation);
  const [all, validation, test] = [whole.complete, whole.validation, whole.test].map((part, i) =>
    noise === 0
      ? part
      : partOfPairs(disturbed(pairsOf(part), [noise * across!, noise * up!], fold(dataKey(key, 'addedNoise'), i))),
  ) as [Part, Part, Part];
  const count = size === 0 ? rowCount(all) : Math.min(size, rowCount(all));
  const train = pickPart(
    all,
    Uint32Array.from({ length: count }, (_, row) => row),
  );
  const parts: TableParts = { ...whole, complete: train, rows: whole.rows.subarray(0, count), validation, test };
  await refusing(kind, () => assertSpread(parts));
  const everything = pairsOf(all, validation, test);
  return {
    name,
    columns,
    parts,
    isScaled: true,
    train: pairsOf(train),
    heldOut: pairsOf(test),
    ...(colors === undefined
      ? {}
      : { colors: { ...colors, values: Float32Array.from(parts.rows, (row) => colors.values[row]!) } }),
    about: [about, ...whole.remarks, ...repeating(whole), ...noiseAdded(noise, kind)].join(' '),
    ...(kind === 'place'
      ? mapAround(everything)
      : { region: kind === 'drawn' && inSquare(rows) ? square(noise) : boxAround(everything), aspect: 1 }),
    ...(outline === undefined ? {} : { outline }),
  };
};

const frameOf = ({ name, columns, rows }: Source): Frame => ({
  source: name,
  rows: rows.length / 2,
  columns: valuesOfPairs(rows).columns.map((numbers, j) => ({ name: columns[j]!, numbers })),
  place: (row) => `row ${row + 1}`,
});

/** Returns sentences about the noise that impflow adds to columns with repeated values. */
const repeating = ({ fitted }: TableParts): readonly string[] =>
  fitted.columns.flatMap((column) => {
    if (column.kind === 'category' || column.resolution === undefined) return [];
    const { name, resolution, spikes, offset = 0 } = column;
    const what =
      spikes !== undefined
        ? `Many values in ${name} are ${spikes.map((spike) => Number((spike + offset).toPrecision(6))).join(', ')}`
        : resolution === 1
          ? `Whole numbers in ${name}`
          : `Values in ${name} repeat`;
    return [`${what}: uniform noise in [0, ${Number(resolution.toPrecision(3))}) added, so that a density exists.`];
  });

const noiseAdded = (noise: number, kind: Source['kind']): readonly string[] =>
  noise === 0
    ? []
    : [
        `Gaussian noise of ${kind === 'drawn' ? `standard deviation ${noise}` : `${noise} standard deviations of each column`} added.`,
      ];

/**
 * Checks that the training rows can have a density in the plane.
 *
 * @throws `input` if a column is constant or if all rows lie on a line.
 */
const assertSpread = (parts: TableParts): void => {
  const constant = parts.columns.find(({ is }) => is === 'left out');
  if (constant !== undefined)
    throw new FlowError(
      'input',
      'demo/prepare',
      `Nothing to learn in the column "${constant.name}" of ${parts.source}`,
      { expected: 'values that differ', got: 'the same in every row' },
    );
  assertIndependent(parts, parts.complete);
};

const HINTS: Readonly<Record<Source['kind'], string>> = {
  drawn: 'Draw more points, spread in both directions.',
  table: 'Choose another column, or add rows.',
  place: 'Take more rows.',
};

/**
 * Calls `make`. If `make` throws an `input` error of impflow, the error is thrown with a hint for visitors of the page.
 * The original hint would name options of the command line.
 */
const refusing = async <T>(kind: Source['kind'], make: () => T | Promise<T>): Promise<T> => {
  try {
    return await make();
  } catch (cause) {
    if (!isFlowError(cause, 'input')) throw cause;
    throw new FlowError('input', 'demo/prepare', problemOf(cause), { hint: HINTS[kind], cause });
  }
};
