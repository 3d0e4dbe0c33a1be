import { FlowError, inNode } from '@impflow/core';
import type { Frame, FrameOptions } from '@impflow/tables';
import { runKey } from '@impflow/training';
import type { DataPlace, TableContents } from './checkpoint/contents.ts';
import type { Choices } from './options/options.ts';
import { addressName, addressOf, localPath } from './rows/address.ts';
import { frameOfRows, type RowsOptions } from './rows/frame-of-rows.ts';
import type { AnyRow, Rows } from './rows/rows.ts';
import { decimalsOf } from './table/column-texts.ts';
import type { TableSource } from './table/source.ts';
import { splitTable, type TableParts } from './table/split.ts';

/**
 * Options for reading a text file such as a CSV, options that say which columns are needed, and a signal that ends a
 * transfer from an address.
 */
type Reading = Pick<
  Choices,
  'header' | 'separator' | 'decimal' | 'decimalOf' | 'columns' | 'given' | 'weights' | 'leaveOut'
> &
  Pick<RowsOptions, 'signal'>;

/**
 * Reads rows of any accepted form (such as a path, objects or columns) into a frame. `categories`: see `FrameOptions`.
 * Default: the columns in the option `decimalOf`, whose cells are kept as they are written.
 */
export const readRows = (
  rows: Rows<AnyRow>,
  {
    header,
    separator,
    decimal,
    decimalOf,
    signal,
    categories = Object.keys(decimalsOf(decimalOf)),
    ...chosen
  }: Reading & Pick<FrameOptions, 'categories'>,
): Promise<Frame> =>
  frameOfRows(rows, {
    ...(header === undefined ? {} : { header: header === 'yes' }),
    ...(separator === undefined ? {} : { separator }),
    ...(decimal === undefined ? {} : { decimal }),
    ...(signal === undefined ? {} : { signal }),
    categories,
    needed: neededBy(chosen),
  });

/** Returns a function that returns whether the options use a column. */
const neededBy =
  ({ columns, given = [], weights, leaveOut = [] }: Pick<Choices, 'columns' | 'given' | 'weights' | 'leaveOut'>) =>
  (name: string): boolean =>
    !leaveOut.includes(name) &&
    (columns === undefined || columns.includes(name) || given.includes(name) || weights === name);

/**
 * Reads a table, and its validation and test rows if they are given separately. If the table keeps the cells of a column
 * as they are written, so do the validation and test rows, so that a cell such as `02134` or `1.0` is one category in
 * all of them.
 */
export const readTable = async (
  rows: Rows<AnyRow>,
  { validation, test, ...reading }: Reading & { readonly validation?: Rows<AnyRow>; readonly test?: Rows<AnyRow> },
): Promise<TableSource> => {
  const frame = await readRows(rows, reading);
  const kept = frame.columns.flatMap(({ name, written }) => (written === undefined ? [] : [name]));
  const categories = [...Object.keys(decimalsOf(reading.decimalOf)), ...kept];
  const [validationFrame, testFrame] = await Promise.all(
    [validation, test].map((part) => (part === undefined ? undefined : readRows(part, { ...reading, categories }))),
  );
  return { frame, validation: validationFrame, test: testFrame };
};

/**
 * Returns the absolute path (Node) or the address from which rows can be read again. Returns undefined for rows in
 * memory. Returns undefined for an address with a password or a query, because a checkpoint stores the address and
 * these parts may be secret or long.
 */
export const placeOf = (rows: unknown): string | undefined => {
  if (typeof rows !== 'string' && !(rows instanceof URL)) return undefined;
  const address = addressOf(rows);
  if (address !== undefined) return address.href === addressName(address) ? address.href : undefined;
  return inNode() ? process.getBuiltinModule('node:path').resolve(localPath(rows)) : undefined;
};

/**
 * Reads the table of an earlier training again, and splits it into the same training, validation and test rows.
 *
 * @param read Reads the table. Default: reads the table from the path or address in the checkpoint.
 * @throws `option` if the checkpoint does not store where the rows are; `input` if the cells have changed, because some
 * test rows might then be rows that the training used.
 */
export const readPartsAgain = async (
  { data, options, distinct, provenance }: TableContents,
  seed: number,
  source: string,
  read?: () => Promise<TableSource>,
): Promise<TableParts> => {
  if (data === undefined && read === undefined)
    throw new FlowError('option', 'impflow/evaluate', `${source} does not store where its rows are`, {
      expected: 'rows to evaluate on',
      got: 'none',
      hint: 'Give the test rows: evaluate(rows).',
    });
  const found = await (read?.() ?? readTable(data!.data, { ...options, ...data }));
  const parts = await splitTable(found, { ...options, key: runKey(seed, 'data'), distinct });
  if (provenance.hash !== undefined && parts.hash !== provenance.hash)
    throw new FlowError(
      'input',
      'impflow/evaluate',
      `${filesOf(data)} differs from the data that ${source} was trained on`,
      {
        expected: `cells with SHA-256 ${provenance.hash.slice(0, 12)}`,
        got: parts.hash?.slice(0, 12) ?? 'none',
        hint: 'Restore the file, give the same validation and test rows, or fit the model again.',
      },
    );
  return parts;
};

const filesOf = ({ data, validation, test }: Partial<DataPlace> = {}): string =>
  [data, validation, test].filter((file) => file !== undefined).join(' or ') || 'The table';
