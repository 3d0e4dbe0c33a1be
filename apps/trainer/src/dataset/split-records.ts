import { createHash } from 'node:crypto';
import { basename, extname } from 'node:path';
import { FlowError, type Key } from '@impflow/core';
import {
  distinctFrameRows,
  pickFrameRows,
  selectFrame,
  splitRows,
  type Frame,
  fitColumns,
  gapsOf,
  layoutOf,
  planColumns,
  rowWeights,
  valuesOf,
  withNoise,
  type ColumnPlan,
  type FittedColumns,
  type Layout,
  type PlanOptions,
} from '@impflow/tables';
import { dataKey } from '@impflow/training';
import { periodsOf, transformOf } from './column-texts.ts';
import { loadRecordParts } from './part-files.ts';
import { checkGaps, gapRemarks, type Gaps } from './record-gaps.ts';
import type { RecordOptions } from './record-options.ts';
import { byGaps, pickPart, rowsOf, weighted, type RecordPart } from './record-part.ts';
import type { DataSource } from './source.ts';
import { FEWEST, SHARES, type PartHashes } from './split-table.ts';

/** Records of a run, split into parts. */
export interface RecordData {
  readonly kind: 'records';
  readonly name: string;
  readonly source: string;
  /** SHA-256 of the cells, without parts from files of their own. */
  readonly hash: string;
  /** SHA-256 of the parts from files of their own. */
  readonly partHashes?: PartHashes;
  /** What each column is. */
  readonly plans: readonly ColumnPlan[];
  /** Empty cells of each column, in the order of the plans. */
  readonly missing: readonly number[];
  /** What was fitted to the training rows. */
  readonly fitted: FittedColumns;
  /** Training rows without gaps. */
  readonly train: RecordPart;
  /** Training rows with gaps that the run fills. Empty if it leaves them out. */
  readonly open: RecordPart;
  readonly validation: RecordPart;
  readonly test: RecordPart;
  /** Rows of each part that have gaps. Held-out ones are left out. */
  readonly gaps: Gaps;
  /** Whether repeated rows were dropped before the split. */
  readonly distinct: boolean;
  /** Sentences on how the rows were read and changed. */
  readonly remarks: readonly string[];
}

/**
 * The records of a run. The same frame, options and key give the same split. A part without a file of its own is a
 * random tenth of the rows. Columns are fitted to the training rows alone. Rows with gaps are not held out: a score of
 * what is there would not compare.
 *
 * @param whole All rows of the source.
 * @throws `input` for too few rows, or too many with gaps; errors of `planColumns`, of `fitColumns` and of the readers.
 */
export const loadRecordData = async (source: DataSource, key: Key, whole: Frame): Promise<RecordData> => {
  const { data, columns, records = {} } = source;
  const frame = columns === undefined ? whole : selectFrame(whole, withRoles(columns, records));
  const plans = planColumns(frame, planOptions(records, frame, whole));
  const kept = source.distinct === false ? undefined : distinctFrameRows(selectFrame(frame, usedIn(plans)));
  const raw = kept === undefined ? frame : pickFrameRows(frame, kept);
  assertEnough(raw, frame);
  const files = await loadRecordParts(source);
  const split = splitRows(raw.rows, {
    key: dataKey(key, 'split'),
    fractions: {
      validation: files.validation === undefined ? SHARES.validation : 0,
      test: files.test === undefined ? SHARES.test : 0,
    },
  });
  const fitted = fitColumns(pickFrameRows(raw, split.train), plans, { transform: transformOf(records.transform) });
  const remarks: string[] = [];
  // The noise depends on the key and the row number, so that `evaluate --data` gives the same figures for the file of
  // `--test`.
  const partOf = (rows: Frame): RecordPart => {
    const values = valuesOf(rows, fitted.columns);
    remarks.push(...values.remarks);
    return {
      values: withNoise(values, fitted.columns, dataKey(key, 'dequantise')),
      weights:
        records.weights === undefined ? new Float64Array(rows.rows).fill(1) : rowWeights(rows, records.weights, 'cli'),
    };
  };
  const all = partOf(raw);
  const held = (name: 'validation' | 'test'): RecordPart =>
    files[name] === undefined ? pickPart(all, split[name]) : partOf(files[name]);
  const layout = layoutOf(fitted);
  const train = byGaps(pickPart(all, split.train), layout);
  const validation = byGaps(held('validation'), layout);
  const test = byGaps(held('test'), layout);
  const gaps = { train: rowsOf(train.open), validation: rowsOf(validation.open), test: rowsOf(test.open) };
  checkGaps(frame.source, records, gaps, {
    train: split.train.length,
    validation: gaps.validation + rowsOf(validation.complete),
    test: gaps.test + rowsOf(test.complete),
  });
  const open = pickPart(train.open, filledRows(train.open, layout, records));
  const [complete, filled] = weighted([train.complete, open], `training rows of ${frame.source}`);
  const partHashes = Object.fromEntries(
    (['validation', 'test'] as const).flatMap((name) =>
      files[name] === undefined ? [] : [[name, hashOf(files[name])] as const],
    ),
  );
  return {
    kind: 'records',
    name: basename(data, extname(data)),
    source: frame.source,
    hash: hashOf(frame),
    ...(Object.keys(partHashes).length === 0 ? {} : { partHashes }),
    plans,
    missing: emptyCells(raw, fitted, all),
    fitted,
    train: complete!,
    open: filled!,
    validation: weighted([validation.complete], `validation rows of ${files.validation?.source ?? frame.source}`)[0]!,
    test: weighted([test.complete], `test rows of ${files.test?.source ?? frame.source}`)[0]!,
    gaps,
    distinct: kept !== undefined,
    remarks: [
      ...[whole, files.validation, files.test].flatMap((read) => read?.remarks ?? []),
      ...(kept === undefined
        ? []
        : [
            `${frame.rows - raw.rows} of the ${frame.rows} rows are copies of others: each of the ${raw.rows} different rows is taken once, so that none is both trained on and held out.`,
          ]),
      ...remarks,
      ...gapRemarks(records, gaps, rowsOf(open)),
    ],
  };
};

/** The columns to read: those to model, and those with another role. */
const withRoles = (columns: readonly string[], { given = [], weights }: RecordOptions): readonly string[] => [
  ...new Set([...columns, ...given, ...(weights === undefined ? [] : [weights])]),
];

/** What the options say of the columns of `frame`, which are some of those of `whole`. */
const planOptions = (
  { given = [], categorical = [], leaveOut = [], periodic, weights, dayFirst }: RecordOptions,
  frame: Frame,
  whole: Frame,
): PlanOptions => {
  const has = ({ columns }: Frame, name: string): boolean => columns.some((column) => column.name === name);
  return {
    given,
    categorical,
    // A column that --columns leaves out already is left out.
    leaveOut: leaveOut.filter((name) => has(frame, name) || !has(whole, name)),
    periodic: periodsOf(periodic),
    ...(weights === undefined ? {} : { weights }),
    ...(dayFirst === undefined ? {} : { dayFirst: dayFirst === 'yes' }),
  };
};

/** Rows with gaps that the run fills. Draws need all conditions. */
const filledRows = ({ values }: RecordPart, layout: Layout, { missing }: RecordOptions): Uint32Array => {
  const rows = Uint32Array.from({ length: values.rows }, (_, row) => row);
  if (missing === 'median') return rows;
  if (missing !== 'impute') return new Uint32Array(0);
  return rows.filter((row) => gapsOf(values, layout, row).every((j) => layout.columns[j]!.given !== true));
};

/** Number of empty cells in each column. */
const emptyCells = ({ columns }: Frame, fitted: FittedColumns, { values }: RecordPart): readonly number[] =>
  columns.map(({ name, numbers, texts }) => {
    const known = values.columns[fitted.columns.findIndex((column) => column.name === name)];
    const isEmpty = (row: number): boolean =>
      known === undefined ? Number.isNaN(numbers[row]) && texts?.[row] === undefined : Number.isNaN(known[row]);
    return numbers.reduce((count, _, row) => count + (isEmpty(row) ? 1 : 0), 0);
  });

/** Names of the columns that are not left out. */
const usedIn = (plans: readonly ColumnPlan[]): readonly string[] =>
  plans.filter(({ kind }) => kind !== 'left out').map(({ name }) => name);

const assertEnough = (raw: Frame, { rows, source }: Frame): void => {
  if (raw.rows < FEWEST)
    throw new FlowError('input', 'cli', `Too few different rows in ${source}`, {
      expected: `at least ${FEWEST}`,
      got: raw.rows === rows ? String(rows) : `${raw.rows}, of ${rows} rows in all`,
      hint: 'Bring more rows.',
    });
};

/** SHA-256 of all cells. */
const hashOf = ({ columns }: Frame): string => {
  const hash = createHash('sha256');
  for (const { name, numbers, written } of columns) {
    hash.update(JSON.stringify(name));
    hash.update(written === undefined ? numbers : JSON.stringify(written));
  }
  return hash.digest('hex');
};
