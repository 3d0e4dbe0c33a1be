import { FlowError } from '@impflow/core';
import { readableExtensions, type Table } from '@impflow/data';
import { matchingTable } from './matching-table.ts';
import { isPath, readingOf, type DataSource } from './source.ts';

/** Parts of the data that come from files of their own. */
export interface Parts {
  readonly validation?: Table;
  readonly test?: Table;
}

const PARTS = ['validation', 'test'] as const;

/**
 * Reads the files of a source's parts, with the columns of the training rows.
 *
 * @throws `input` for a file that holds no rows or lacks a column.
 */
export const loadParts = async (
  source: DataSource,
  { columns, offsets = {} }: Pick<Table, 'columns' | 'offsets'>,
): Promise<Parts> => {
  const found = await Promise.all(
    PARTS.flatMap((part) =>
      source[part] === undefined
        ? []
        : [
            loadPart(part, { data: source[part], offsets, ...readingOf(source) }, columns).then(
              (table) => [part, table] as const,
            ),
          ],
    ),
  );
  return Object.fromEntries(found);
};

const loadPart = (part: (typeof PARTS)[number], source: DataSource, columns: readonly string[]): Promise<Table> => {
  const { data: file } = source;
  if (!isPath(file)) {
    throw new FlowError('input', 'cli', `--${part} names no file`, {
      expected: `a file of rows: ${readableExtensions.join(', ')}`,
      got: `"${file}"`,
      hint: 'Give a path.',
    });
  }
  return matchingTable(source, columns, 'the training rows');
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
