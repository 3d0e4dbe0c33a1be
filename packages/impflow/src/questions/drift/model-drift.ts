import { FlowError, isFlowError } from '@impflow/core';
import {
  atMiddle,
  dateFormatOf,
  dateNumbers,
  distinctFrameRows,
  joinedValues,
  pickFrameRows,
  printable,
  readingFor,
  selectFrame,
  type Frame,
  type TrainedRecords,
  type Values,
} from '@impflow/tables';
import type { TableContents } from '../../checkpoint/contents.ts';
import { checkArguments, wholeNumber, type Arguments } from '../../options/check-arguments.ts';
import { readRows } from '../../read-table.ts';
import type { AnyRow, Rows, Source } from '../../rows/rows.ts';
import type { TableParts } from '../../table/split.ts';
import { compare, LEAST_ALPHA } from './compare.ts';
import type { Drift, DriftOptions } from './drift.ts';

const AT = 'impflow/drift';
/** Smallest number of rows of each table that can be compared. */
export const FEWEST_COMPARED = 10;

/** Remark on a model whose training dropped copies of rows. */
const COPIES =
  'The training dropped copies of rows, so its test rows have none. If some rows repeat more often than others, new rows with copies can look like drift: give a reference with copies.';

/** Options of `drift`. */
export const DRIFTING: Arguments = {
  reference: {
    expected: 'rows: a path, objects, columns',
    fits: (value) => typeof value === 'string' || typeof value === 'object',
  },
  by: { expected: 'the name of a column', fits: (value) => typeof value === 'string' },
  alpha: {
    expected: `a number from ${LEAST_ALPHA} to 1`,
    fits: (value) => typeof value === 'number' && value >= LEAST_ALPHA && value < 1,
  },
  seed: wholeNumber(0),
};

/** What {@link modelDrift} needs to know about the model. */
interface DriftingModel {
  /** The density of the model. */
  readonly trained: TrainedRecords;
  /** What its checkpoint stores: how the rows were read. */
  readonly contents: Partial<TableContents>;
  /** Returns the test rows of the training. */
  readonly testRows: () => Promise<HeldOutRows>;
}

/** The test rows of a training: without gaps, and with gaps. */
export type HeldOutRows = Pick<TableParts, 'test' | 'testWithGaps'>;

/** See `drift` of `Model`. */
export const modelDrift = async (
  { trained, contents, testRows }: DriftingModel,
  rows: Source | Rows<AnyRow>,
  options: DriftOptions<AnyRow> = {},
): Promise<Drift> => {
  checkArguments(AT, options, DRIFTING);
  const { reference, by, alpha = 0.01, seed = 0 } = options;
  const read = (table: Source | Rows<AnyRow>, order?: string): Promise<Frame> =>
    readFor(trained, contents, table, order);
  const old =
    reference === undefined ? heldOutValues(trained, await ofTraining(testRows)) : trained.read(await read(reference));
  const whole = await read(rows, by);
  const kept = contents.distinct === true ? distinctOf(whole, trained) : undefined;
  const frame = kept === undefined ? whole : pickFrameRows(whole, kept);
  const fresh = trained.read(frame);
  assertEnough(old, 'reference rows');
  assertEnough(fresh, `rows in ${frame.source}`);
  const found = compare(trained, old, fresh, {
    alpha,
    seed,
    ...(kept === undefined ? {} : { numbers: kept }),
    ...(by === undefined ? {} : { order: orderBy(frame, by) }),
  });
  return contents.distinct === true ? { ...found, remarks: [...found.remarks, COPIES] } : found;
};

const readFor = async (
  { density }: TrainedRecords,
  { options = {} as TableContents['options'] }: Partial<TableContents>,
  rows: Source | Rows<AnyRow>,
  order: string | undefined,
): Promise<Frame> => {
  const { columns, categories } = readingFor(density.spec.columns);
  const { header, separator, decimal } = options;
  return readRows(rows, {
    ...(header === undefined ? {} : { header }),
    ...(separator === undefined ? {} : { separator }),
    ...(decimal === undefined ? {} : { decimal }),
    columns: [...columns, ...(order === undefined ? [] : [order])],
    categories,
  });
};

/** Returns the test rows as numbers. Rows with gaps come last. */
const heldOutValues = ({ density }: TrainedRecords, { test, testWithGaps }: HeldOutRows): Values =>
  atMiddle(joinedValues([test.cells, testWithGaps.cells]), density.spec.columns);

/** @throws `option` or `input` if the test rows cannot be read again; the message names the option `reference`. */
const ofTraining = async (testRows: () => Promise<HeldOutRows>): Promise<HeldOutRows> => {
  try {
    return await testRows();
  } catch (cause) {
    if (!isFlowError(cause)) throw cause;
    throw new FlowError(cause.code, AT, `The test rows of the training cannot be read again: ${cause.what}`, {
      cause,
      ...(cause.expected === undefined ? {} : { expected: cause.expected }),
      ...(cause.got === undefined ? {} : { got: cause.got }),
      hint: 'Give rows that the model was not trained on as the option reference.',
    });
  }
};

/** Returns the rows to keep if the training kept only distinct rows, because the test rows are then distinct too. */
const distinctOf = (frame: Frame, { density }: TrainedRecords): Uint32Array | undefined =>
  distinctFrameRows(
    selectFrame(
      frame,
      density.spec.columns.map(({ name }) => name),
    ),
  );

const assertEnough = ({ rows }: Values, what: string): void => {
  if (rows >= FEWEST_COMPARED) return;
  throw new FlowError('input', AT, `Too few ${what}`, {
    expected: `at least ${FEWEST_COMPARED}`,
    got: String(rows),
    hint: 'Give more rows.',
  });
};

/** Returns the indices of the rows in ascending order of a column of numbers or dates. */
const orderBy = (frame: Frame, by: string): Uint32Array => {
  const column = frame.columns.find(({ name }) => name === by);
  const wrong = (got: string): FlowError =>
    new FlowError('option', AT, `Wrong column "${printable(by)}" of the option by`, {
      expected: 'a column with a number or a date in every row',
      got,
      hint: 'Name another column, or sort the rows and leave the option out.',
    });
  if (column === undefined) throw wrong(`a table without this column, ${printable(frame.source)}`);
  const times = column.texts === undefined ? column.numbers : datesOf(column.texts);
  const gap = times?.findIndex(Number.isNaN) ?? 0;
  if (times === undefined || gap >= 0)
    throw wrong(`${printable(column.texts?.[gap] ?? 'an empty cell')} in ${frame.place(gap)}`);
  return Uint32Array.from(times.keys()).sort((a, b) => times[a]! - times[b]! || a - b);
};

const datesOf = (texts: readonly (string | undefined)[]): Float64Array | undefined => {
  const format = dateFormatOf(texts);
  if (format?.kind !== 'dates') return undefined;
  return dateNumbers(texts, {
    date: format.unit,
    ...(format.dayFirst === undefined ? {} : { dayFirst: format.dayFirst }),
  });
};
