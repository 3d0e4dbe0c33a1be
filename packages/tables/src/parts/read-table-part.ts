import { FlowError } from '@impflow/core';
import type { Frame } from '../frame/frame.ts';
import { openSource } from './open-source.ts';
import { PART_READERS, partKinds } from './part-readers.ts';
import type { TablePart } from './table-part.ts';

/** Options of {@link readTablePart}. */
export interface PartOptions {
  /** Names of the columns to read, in this order. Default: all. */
  readonly columns?: readonly string[];
  /** Names of columns of categories, as for {@link readFrame}. Default: none. */
  readonly categories?: readonly string[];
}

const AT = 'tables/readTablePart';

/**
 * Reads a part that `tableParts` has found. The cells are the same as the cells of these rows in the frame that
 * `readFrame` reads from the whole file. The result has no remarks. A column has `texts` and `written` if it has them
 * in the whole file. Columns of texts, booleans and times of a Parquet file always have both. If such a column holds
 * numbers as texts, the cells of this part decide whether a mark such as `-` is a gap or a text.
 *
 * @remarks Reads the bytes of the part. From a Parquet file, it reads only the metadata and the wanted columns. Needs
 * the memory of the bytes and the cells. Parquet is decoded in the calling process: a damaged byte can make this
 * process loop forever, or need more memory than Node has. So call the function in a process that can be ended.
 * @throws `input` for a file that cannot be read, has changed since, or is damaged, and for an unknown column; `option`
 * for a value that is not a part.
 */
export const readTablePart = async (
  part: TablePart,
  { columns, categories = [] }: PartOptions = {},
): Promise<Frame> => {
  assertPart(part);
  const source = await openSource(AT, part.file, part.size);
  try {
    return await PART_READERS[part.kind].read(AT, source, part, { columns, categories });
  } finally {
    await source.close();
  }
};

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

const assertPart = ({ file, size, kind, from, to, rows, reading }: TablePart): void => {
  const isPart =
    typeof file === 'string' &&
    [size, from, to, rows].every(isCount) &&
    from <= to &&
    // A row has at least one byte.
    rows <= to - from &&
    partKinds.includes(kind) &&
    (kind !== 'csv' || (reading !== undefined && reading.names.length === reading.keeps.length));
  if (isPart) return;
  throw new FlowError('option', AT, 'Not a part of a table', {
    expected: 'a part that tableParts has found',
    got: JSON.stringify({ file, size, kind, from, to, rows }),
    hint: 'Find the parts again.',
  });
};
