import { createHash } from 'node:crypto';
import { basename, extname } from 'node:path';
import { FlowError, fold, drawPermutation, type Key } from '@impflow/core';
import {
  dequantise,
  describeColumns,
  distinctRows,
  fitScaling,
  noiseRemarks,
  offsetRemarks,
  pickRows,
  resolutionsOf,
  splitRows,
  summariesInUnits,
  toys,
  type Offsets,
  type Resolutions,
  type Scaling,
  type Table,
} from '@impflow/tables';
import { dataKey } from '@impflow/training';
import { loadTable, TOY_ROWS, toyTable } from './load-table.ts';
import { assertNoParts, loadParts } from './part-files.ts';
import type { DataSource } from './source.ts';

/** Fewest rows of a table that is split. */
export const FEWEST = 10;

/** Shares of the rows that are held out, of parts without files of their own. */
export const SHARES = { validation: 0.1, test: 0.1 } as const;

/** Rows of a run, split into parts. */
export interface TableData {
  readonly kind: 'table';
  readonly name: string;
  readonly columns: readonly string[];
  readonly source: string;
  /** SHA-256 of the values, without parts from files of their own. Absent for a toy. */
  readonly hash?: string;
  /** SHA-256 of the parts from files of their own. */
  readonly partHashes?: PartHashes;
  readonly train: Table;
  readonly validation: Table;
  readonly test: Table;
  /** Width of the uniform noise on each column whose values repeat. */
  readonly dequantised: Resolutions;
  /** Values subtracted in float64 from columns whose digits float32 would lose. */
  readonly offsets: Offsets;
  /** Whether repeated rows were dropped before the split. */
  readonly distinct: boolean;
  /** Sentences on how the rows were read and changed. */
  readonly remarks: readonly string[];
  /** Means and scales of the training rows. Absent for a toy. */
  readonly scaling?: Scaling;
  /** Draws new training rows `[rows, 2]`. Only for a toy. */
  readonly draw?: (key: Key, rows: number) => Float32Array;
  /** Entropy in nats, if known: the lower bound of the expected loss. */
  readonly entropy?: number;
}

/** SHA-256 of the values of parts from files of their own. */
export interface PartHashes {
  readonly validation?: string;
  readonly test?: string;
}

/** SHA-256 of the values of a table, after their offsets are subtracted. */
export const hashOf = ({ values }: Table): string => createHash('sha256').update(values).digest('hex');

/**
 * The rows of a run. The same source and key give the same split. A part without a file of its own is a random tenth of
 * the data. Scaling and noise are found in the training rows only. If many rows of a table are copies, each distinct
 * row is kept once.
 *
 * @param read All rows, if they are read already.
 * @throws `input` for too few distinct rows; `option` for columns or files of parts of a toy; errors of
 * {@link loadTable}.
 */
export const loadTableData = async (source: DataSource, key: Key, read?: Table): Promise<TableData> => {
  const { data, columns } = source;
  const toy = Object.hasOwn(toys, data) ? toys[data] : undefined;
  if (toy !== undefined) {
    if (columns !== undefined)
      throw new FlowError('option', 'cli', `The toy ${data} has no columns to choose`, {
        hint: 'Leave --columns out.',
      });
    assertNoParts(source, 'the toy');
    const toyPart = (rows: number, part: 'train' | 'validation' | 'test'): Table =>
      toyTable(data, dataKey(key, part), rows);
    return {
      kind: 'table',
      name: data,
      columns: ['x', 'y'],
      source: toy.description,
      dequantised: {},
      offsets: {},
      distinct: false,
      remarks: [],
      // Batches are drawn anew. These rows are what the Gaussian and the mixture are fitted to.
      train: toyPart(TOY_ROWS.validation, 'train'),
      validation: toyPart(TOY_ROWS.validation, 'validation'),
      test: toyPart(TOY_ROWS.test, 'test'),
      draw: (draw, rows) => toy.sample(draw, rows),
      ...(toy.entropy === undefined ? {} : { entropy: toy.entropy }),
    };
  }
  const whole = read ?? (await loadTable(source, { minRows: FEWEST }));
  const { offsets = {} } = whole;
  const { validation, test } = await loadParts(source, whole);
  const kept = source.distinct === false ? undefined : distinctRows(whole);
  if (kept !== undefined && kept.length < FEWEST) {
    throw new FlowError('input', 'cli', `Too few different rows in ${whole.source}`, {
      expected: `at least ${FEWEST}`,
      got: `${kept.length}, of ${whole.rows} rows in all`,
      hint: 'Bring more rows.',
    });
  }
  const raw = kept === undefined ? whole : pickRows(whole, kept);
  const fractions = {
    validation: validation === undefined ? SHARES.validation : 0,
    test: test === undefined ? SHARES.test : 0,
  };
  const split = splitRows(raw.rows, { key: dataKey(key, 'split'), fractions });
  const summaries = describeColumns(pickRows(raw, split.train));
  const dequantised = source.dequantised ?? resolutionsOf(summaries);
  // The noise depends on the key and the row number, so that `evaluate --data` gives the same figures for the file of
  // `--test`.
  const noisy = (rows: Table): Table => dequantise(rows, dequantised, dataKey(key, 'dequantise'));
  const table = noisy(raw);
  const train = pickRows(table, split.train);
  const partHashes = {
    ...(validation === undefined ? {} : { validation: hashOf(validation) }),
    ...(test === undefined ? {} : { test: hashOf(test) }),
  };
  return {
    kind: 'table',
    name: basename(data, extname(data)),
    columns: table.columns,
    source: raw.source,
    hash: hashOf(whole),
    ...(validation === undefined && test === undefined ? {} : { partHashes }),
    dequantised,
    offsets,
    distinct: kept !== undefined,
    remarks: [
      ...[whole, validation, test].flatMap((part) => part?.remarks ?? []),
      ...offsetRemarks(offsets),
      ...(kept === undefined
        ? []
        : [
            `${whole.rows - raw.rows} of the ${whole.rows} rows are copies of others: each of the ${raw.rows} different rows ` +
              'is taken once, so that none is both trained on and held out.',
          ]),
      ...noiseRemarks(summariesInUnits(summaries, offsets), dequantised),
    ],
    train,
    validation: validation === undefined ? pickRows(table, split.validation) : noisy(validation),
    test: test === undefined ? pickRows(table, split.test) : noisy(test),
    scaling: fitScaling(train),
  };
};

/**
 * The batch of each step `[size, columns]`: new rows of a toy, or the training rows in a new order every epoch. A pure
 * function of the step.
 */
export const tableBatches = (
  { train, draw }: Pick<TableData, 'train' | 'draw'>,
  size: number,
  key: Key,
): ((step: number) => Float32Array) => {
  if (draw !== undefined) return (step) => draw(fold(key, step), size);
  const perEpoch = Math.floor(train.rows / size);
  let epoch = -1;
  let order: Table | undefined;
  const width = train.columns.length;
  return (step) => {
    const now = Math.floor(step / perEpoch);
    if (now !== epoch || order === undefined) {
      order = pickRows(train, drawPermutation(fold(key, now), train.rows));
      epoch = now;
    }
    const first = (step % perEpoch) * size;
    return order.values.slice(first * width, (first + size) * width);
  };
};
