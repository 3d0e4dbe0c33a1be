import { FlowError } from '@impflow/core';
import { readableExtensions, type Frame, type Table } from '@impflow/tables';
import { readRecords } from './load-records.ts';
import { matchingTable } from './matching-table.ts';
import { isPath, readingOf, type DataSource } from './source.ts';

/** Parts of the data that come from files of their own. */
export interface Parts<Rows = Table> {
  readonly validation?: Rows;
  readonly test?: Rows;
}

const PARTS = ['validation', 'test'] as const;

/**
 * Reads the files of a source's parts, with the columns of the training rows.
 *
 * @throws `input` for a file that holds no rows or lacks a column.
 */
export const loadParts = (
  source: DataSource,
  { columns, offsets = {} }: Pick<Table, 'columns' | 'offsets'>,
): Promise<Parts> =>
  eachPart(source, (data) => matchingTable({ data, offsets, ...readingOf(source) }, columns, 'the training rows'));

/**
 * Reads the cells of the files of a source's parts.
 *
 * @throws `input` for a file that holds no rows.
 */
export const loadRecordParts = (source: DataSource): Promise<Parts<Frame>> =>
  eachPart(source, (data) => readRecords({ data, ...readingOf(source) }));

const eachPart = async <Rows>(source: DataSource, read: (file: string) => Promise<Rows>): Promise<Parts<Rows>> => {
  const found = await Promise.all(
    PARTS.flatMap((part) => {
      const file = source[part];
      if (file === undefined) return [];
      assertFile(part, file);
      return [read(file).then((rows) => [part, rows] as const)];
    }),
  );
  return Object.fromEntries(found) as Parts<Rows>;
};

const assertFile = (part: (typeof PARTS)[number], file: string): void => {
  if (!isPath(file))
    throw new FlowError('input', 'cli', `--${part} names no file`, {
      expected: `a file of rows: ${readableExtensions.join(', ')}`,
      got: `"${file}"`,
      hint: 'Give a path.',
    });
};

/** @throws `option` for files of parts beside a toy or images, which have their own parts. */
export const assertNoParts = (source: DataSource, what: string): void => {
  const part = PARTS.find((name) => source[name] !== undefined);
  if (part !== undefined)
    throw new FlowError('option', 'cli', `--${part} has no use for ${what} ${source.data}`, {
      expected: `--${part} with a table`,
      got: source.data,
      hint: 'Leave it out.',
    });
};
