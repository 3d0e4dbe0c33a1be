import { FlowError, drawPermutation, type Key } from '@impflow/core';
import {
  completeRows,
  distinctFrameRows,
  emptiedFrame,
  gapsOf,
  layoutOf,
  pickFrameRows,
  pickValues,
  planColumns,
  rowWeights,
  selectFrame,
  splitRows,
  valuesOf,
  withNoise,
  type ColumnPlan,
  type FittedColumns,
  type Frame,
  type Layout,
  type PlanOptions,
  type Values,
} from '@impflow/tables';
import { dataKey } from '@impflow/training';
import type { Choices } from '../options/options.ts';
import { beyondBounds } from './beyond-bounds.ts';
import { atomsOf, columnReports, offGridIn, type ColumnReport } from './column-report.ts';
import { decimalsOf, periodsOf } from './column-texts.ts';
import { countedIndices, countedRows } from './counted-rows.ts';
import { farCellsOf } from './far-cells.ts';
import { fitUsual, leftOutRemarks, usualOrAll } from './fit-usual.ts';
import { gapMarksOf, idleMarks } from './gap-marks.ts';
import { checkGaps, gapRemarks, type Gaps } from './gaps.ts';
import { hashOf } from './hash.ts';
import { numberRemarks } from './number-remarks.ts';
import { byGaps, pickPart, rowCount, weighted, type Part } from './part.ts';
import type { Sampler, TableSource } from './source.ts';
import { spikeRemarks } from './spikes.ts';
import { totalRemarks } from './total-rows.ts';
import { valueRemarks } from './value-remarks.ts';
import { withoutMaps } from './without-maps.ts';

/** Smallest number of rows that a table must have. */
export const FEWEST = 10;
/**
 * Share of the rows that becomes validation rows if no validation rows are given. The same share becomes test rows if
 * no test rows are given.
 */
const SHARE = 0.1;
/**
 * Largest numbers of held-out rows. More validation rows would hardly improve choices, but would slow down each
 * validation and reduce the training rows. The limit of validation rows decreases with the number of columns, because
 * rows with more columns take longer to evaluate.
 */
const MOST = { test: 10_000, validation: (dim: number) => Math.max(500, Math.min(4000, Math.round(40_000 / dim))) };

/** Returns the shares of the rows that `splitTable` holds out if neither validation nor test rows are given. */
const heldOutShares = (rows: number, columns: number): { readonly validation: number; readonly test: number } => ({
  validation: Math.min(SHARE, MOST.validation(columns) / rows),
  test: Math.min(SHARE, MOST.test / rows),
});

/** A table that is split into training, validation and test rows. */
export interface TableParts {
  /** Origin of the rows, for messages. */
  readonly source: string;
  /**
   * SHA-256 of all cells, including validation and test rows that were given separately. Undefined for a sampler, and
   * in a web page without `crypto.subtle`.
   */
  readonly hash?: string | undefined;
  /** How the training uses each column. */
  readonly columns: readonly ColumnReport[];
  /** How the training uses each column if it drops the maps that were chosen from the values. */
  readonly unmappedColumns: readonly ColumnReport[];
  /** The columns with the constants that were fitted to the training rows. */
  readonly fitted: FittedColumns;
  /**
   * Training rows without gaps, and without far cells: see `farCellsOf`. The function `trainingRows` adds the rows whose
   * gaps are filled.
   */
  readonly complete: Part;
  /** Indices, in the table, of the rows in `complete`. */
  readonly rows: Uint32Array;
  /** Training rows whose gaps the training fills. Empty if the training leaves out rows with gaps. */
  readonly withGaps: Part;
  /** Validation rows without gaps. The training chooses options and the best weights by these rows. */
  readonly validation: Part;
  /**
   * Test rows without gaps. The test rows influence only the kinds of the columns, the removal of repeated rows, the
   * remarks on far cells, and the time that a training leaves for the evaluation.
   */
  readonly test: Part;
  /** Test rows with gaps (empty cells), for comparisons of gaps. */
  readonly testWithGaps: Part;
  /** Number of rows with gaps (empty cells) among the training, validation and test rows. */
  readonly gaps: Gaps;
  /** Whether repeated rows were dropped before the split. */
  readonly distinct: boolean;
  /** Draws new rows for each training step, in place of the rows in `complete`. */
  readonly sampler?: Sampler;
  /** Sentences for the user that state how the rows were read and changed. */
  readonly remarks: readonly string[];
}

/** Options that concern columns. */
type ColumnChoices = Pick<
  Choices,
  | 'columns'
  | 'given'
  | 'categorical'
  | 'leaveOut'
  | 'weights'
  | 'missing'
  | 'gaps'
  | 'transform'
  | 'periodic'
  | 'dayFirst'
  | 'decimal'
  | 'decimalOf'
>;

/** Options of {@link splitTable}. */
export interface SplitTableOptions extends ColumnChoices {
  /** Random key of the split and of the noise: `runKey(seed, 'data')`. */
  readonly key: Key;
  /**
   * Whether repeated rows are dropped. A checkpoint stores this choice. Default: they are dropped if many rows are
   * copies.
   */
  readonly distinct?: boolean | undefined;
}

/**
 * Splits a table into training, validation and test rows. The result depends only on the cells, the options and the
 * key. Validation rows that are not given are at most a tenth of the rows, chosen at random: see `heldOutShares`. The
 * same holds for test rows. The means, scales and maps of the columns are computed from the training rows only, except
 * that the support of a map must also contain the validation rows. If many rows are copies, each distinct row is used once. Held-out rows with gaps are left out, because densities of different
 * sets of columns cannot be compared.
 *
 * @throws `input` for too few rows, or too many rows with gaps; the errors of `planColumns` and `fitColumns`.
 */
export const splitTable = async (source: TableSource, options: SplitTableOptions): Promise<TableParts> => {
  const { key } = options;
  const selected =
    options.columns === undefined ? source.frame : selectFrame(source.frame, withRoles(options.columns, options));
  const marks = gapMarksOf(options.gaps ?? [], selected);
  const read = emptiedFrame(selected, marks);
  const counted = countedIndices(read, options.weights);
  const frame = counted === undefined ? read : pickFrameRows(read, counted);
  const given = {
    validation: source.validation && emptiedFrame(source.validation, marks),
    test: source.test && emptiedFrame(source.test, marks),
  };
  const own = {
    validation: given.validation && countedRows(given.validation, options.weights),
    test: given.test && countedRows(given.test, options.weights),
  };
  assertEnough(frame, frame);
  const plans = planColumns(frame, planOptions(options, frame, source.frame));
  const kept = options.distinct === false ? undefined : distinctFrameRows(selectFrame(frame, usedIn(plans)));
  const raw = kept === undefined ? frame : pickFrameRows(frame, kept);
  assertEnough(raw, frame);
  const shares = heldOutShares(raw.rows, raw.columns.length);
  const split = splitRows(raw.rows, {
    key: dataKey(key, 'split'),
    fractions: {
      validation: source.validation === undefined ? shares.validation : 0,
      test: source.test === undefined ? shares.test : 0,
    },
  });
  const far = farCellsOf(plans, pickFrameRows(raw, split.train));
  const trained = far.usual(raw, split.train);
  const rowsOf = (name: 'validation' | 'test'): Uint32Array =>
    own[name] === undefined ? split[name] : Uint32Array.from({ length: own[name].rows }, (_, row) => row);
  const validated = usualOrAll(far, own.validation ?? raw, rowsOf('validation'));
  // A validation row of density 0 would make every validation loss infinite.
  const within = pickFrameRows(own.validation ?? raw, validated);
  const fitted = fitUsual(raw, { trained, all: split.train, within }, plans, { transform: options.transform, marks });
  const remarks = new Set<string>();
  const partOf = (rows: Frame): Part => {
    const part = readPart(rows, fitted, options);
    for (const remark of part.values.remarks) remarks.add(remark);
    return part;
  };
  const all = partOf(raw);
  const layout = layoutOf(fitted);
  const held = (name: 'validation' | 'test', rows: Uint32Array): Part =>
    pickPart(own[name] === undefined ? all : partOf(own[name]), rows);
  const tested = held('test', rowsOf('test'));
  const [training, validation, test] = [
    byGaps(pickPart(all, trained), layout),
    byGaps(held('validation', validated), layout),
    byGaps(tested, layout),
  ];
  const leftOut = split.train.length - trained.length + rowsOf('validation').length - validated.length;
  const gaps = {
    train: rowCount(training.withGaps),
    validation: rowCount(validation.withGaps),
    test: rowCount(test.withGaps),
  };
  const empty = emptyCells(raw, fitted, all.values);
  checkGaps(
    frame.source,
    options,
    gaps,
    {
      train: trained.length,
      validation: gaps.validation + rowCount(validation.complete),
      test: gaps.test + rowCount(test.complete),
    },
    plans.flatMap(({ name, kind }, j) => (kind === 'number' || kind === 'category' ? [{ name, gaps: empty[j]! }] : [])),
  );
  const toFill = pickPart(training.withGaps, filledRows(training.withGaps, layout, options));
  const found = {
    atoms: atomsOf(fitted.columns, training.complete.cells),
    marked: markedIn(selected, read),
    offGrid: offGridIn(fitted.columns, training.complete.cells),
  };
  const [columns, unmappedColumns] = [fitted, withoutMaps(fitted)].map((used) =>
    columnReports(plans, empty, used, found),
  );
  const [complete, withGaps] = weighted([training.complete, toFill], `training part of ${frame.source}`);
  return {
    source: frame.source,
    hash: await hashOf(read, ...[given.validation, given.test].flatMap((held) => held ?? [])),
    columns: columns!,
    unmappedColumns: unmappedColumns!,
    fitted,
    complete: complete!,
    rows: completeRows(pickValues(all.values, trained), layout).map((i) => {
      const row = kept?.[trained[i]!] ?? trained[i]!;
      return counted?.[row] ?? row;
    }),
    withGaps: withGaps!,
    validation: weighted(
      [someOf(validation.complete, MOST.validation(fitted.maps.length), key)],
      `validation part of ${source.validation?.source ?? frame.source}`,
    )[0]!,
    test: weighted([test.complete], `test part of ${source.test?.source ?? frame.source}`)[0]!,
    testWithGaps: test.withGaps,
    gaps,
    distinct: kept !== undefined,
    remarks: [
      ...[source.frame, source.validation, source.test].flatMap((table) => table?.remarks ?? []),
      ...(kept === undefined
        ? []
        : [
            `${frame.rows - raw.rows} of the ${frame.rows} rows are copies of other rows: each of the ${raw.rows} different rows is used once, so that training, validation and test rows have no row in common.`,
          ]),
      ...numberRemarks(plans, {
        decimal: frame.decimal ?? '.',
        isChosen: options.decimal !== undefined && options.decimal === frame.decimal,
      }),
      ...valueRemarks(plans, raw),
      ...[source.frame, source.validation, source.test].flatMap((table) =>
        table === undefined ? [] : totalRemarks(table),
      ),
      ...remarks,
      ...idleMarks(options.gaps ?? [], selected),
      ...far.remarks([raw, ...[own.validation, own.test].flatMap((held) => held ?? [])]),
      ...leftOutRemarks(leftOut),
      ...beyondBounds(fitted, layout, tested, pickFrameRows(own.test ?? raw, rowsOf('test'))),
      ...spikeRemarks(fitted.columns, training.complete.cells),
      ...gapRemarks(options, gaps, rowCount(toFill)),
    ],
  };
};

/**
 * Converts the rows of a frame to the numbers that a density of these columns reads. Rows of weight 0 are left out. The
 * noise depends only on the key and the row number, so repeated calls add equal noise.
 *
 * @throws the errors of `valuesOf` and `rowWeights`.
 */
export const readPart = (
  frame: Frame,
  { columns }: Pick<FittedColumns, 'columns'>,
  { key, weights }: Pick<SplitTableOptions, 'key' | 'weights'>,
): Part => {
  const rows = countedRows(frame, weights);
  const cells = valuesOf(rows, columns);
  return {
    cells,
    values: withNoise(cells, columns, dataKey(key, 'dequantize')),
    weights: weights === undefined ? new Float64Array(rows.rows).fill(1) : rowWeights(rows, weights, 'impflow/fit'),
  };
};

/** Returns the part if it has at most `most` rows, and otherwise `most` random rows of the part. */
const someOf = (part: Part, most: number, key: Key): Part =>
  rowCount(part) <= most
    ? part
    : pickPart(part, drawPermutation(dataKey(key, 'validation'), rowCount(part)).subarray(0, most));

/** Returns the names of the columns to read: modelled columns, conditions, and the column of row weights. */
const withRoles = (columns: readonly string[], { given = [], weights }: ColumnChoices): readonly string[] => [
  ...new Set([...columns, ...given, ...(weights === undefined ? [] : [weights])]),
];

/**
 * Returns the options that concern the columns of `frame`. The frame `whole` contains these columns and further
 * columns.
 */
const planOptions = (
  { given = [], categorical = [], leaveOut = [], periodic, weights, dayFirst, decimalOf }: ColumnChoices,
  frame: Frame,
  whole: Frame,
): PlanOptions => {
  const has = ({ columns }: Frame, name: string): boolean => columns.some((column) => column.name === name);
  return {
    given,
    categorical,
    // Removes the names of columns that the option `columns` does not select.
    leaveOut: leaveOut.filter((name) => has(frame, name) || !has(whole, name)),
    periodic: periodsOf(periodic),
    ...(weights === undefined ? {} : { weights }),
    ...(dayFirst === undefined ? {} : { dayFirst: dayFirst === 'yes' }),
    decimals: decimalsOf(decimalOf),
  };
};

/**
 * Returns the indices of the rows whose gaps the training fills. Draws can fill a row only if all its conditions are
 * known.
 */
const filledRows = ({ values }: Part, layout: Layout, { missing }: ColumnChoices): Uint32Array => {
  const rows = Uint32Array.from({ length: values.rows }, (_, row) => row);
  if (missing === 'median') return rows;
  if (missing !== 'impute') return new Uint32Array(0);
  return rows.filter((row) => gapsOf(values, layout, row).every((j) => layout.columns[j]!.given !== true));
};

/** Returns the number of empty cells in each column. */
const emptyCells = ({ columns }: Frame, fitted: FittedColumns, values: Values): readonly number[] =>
  columns.map(({ name, numbers, texts }) => {
    const known = values.columns[fitted.columns.findIndex((column) => column.name === name)];
    const isEmpty = (row: number): boolean =>
      known === undefined ? Number.isNaN(numbers[row]) && texts?.[row] === undefined : Number.isNaN(known[row]);
    return numbers.reduce((count, _, row) => count + (isEmpty(row) ? 1 : 0), 0);
  });

/** Returns the names of the columns in which the option `gaps` marks cells. */
const markedIn = (before: Frame, after: Frame): ReadonlySet<string> =>
  new Set(after.columns.flatMap((column, j) => (column === before.columns[j] ? [] : [column.name])));

/** Returns the names of the columns that are not left out. */
const usedIn = (plans: readonly ColumnPlan[]): readonly string[] =>
  plans.filter(({ kind }) => kind !== 'left out').map(({ name }) => name);

const assertEnough = (raw: Frame, { rows, source }: Frame): void => {
  if (raw.rows >= FEWEST) return;
  throw new FlowError('input', 'impflow/fit', `Too few ${raw.rows === rows ? '' : 'different '}rows in ${source}`, {
    expected: `at least ${FEWEST}`,
    got: raw.rows === rows ? String(rows) : `${raw.rows}, of ${rows} rows in all`,
    hint: 'Give more rows.',
  });
};
