import { FlowError } from '@impflow/core';
import { isPacked } from '../frame/extension.ts';
import type { Frame } from '../frame/frame.ts';
import { openSource } from './open-source.ts';
import { PART_READERS, partKinds } from './part-readers.ts';
import type { TablePart } from './table-part.ts';
import { unpackedSource } from './unpacked-source.ts';
import { pathOf } from './url-source.ts';

/** Options of {@link readTablePart}. */
export interface PartOptions {
  /** Names of the columns to read, in the order of the result. Default: all columns. */
  readonly columns?: readonly string[];
  /** Names of the columns that are read as categories, as for {@link readFrame}. Default: no columns. */
  readonly categories?: readonly string[];
}

const AT = 'tables/readTablePart';

/**
 * Reads one part of a table that `tableParts` has found. The cells are equal to the cells that `readFrame` would read
 * for these rows from the whole file. The frame has no `remarks`. A column has `texts` and `written` if the column of
 * the whole file has them. Parquet columns of strings, booleans and times always have `texts` and `written`. If a
 * Parquet column of strings contains numbers, the cells of this part decide whether a mark such as `-` is a missing
 * cell or text.
 *
 * @remarks Only the bytes of the part are read. From a Parquet file, only the metadata and the wanted columns are read.
 * A file that is packed by gzip is unpacked from its beginning, or from the end of the part that this process read
 * before: read the parts in their order.
 * The function needs memory for the bytes of the part and for the cells. Parquet is decoded in the calling process. A
 * damaged byte can make this process loop forever, or need more memory than Node has. So call the function in a process
 * that can be ended.
 * @throws `input` for a file that cannot be read, is damaged, or was changed after its parts were found, and for an
 * unknown column; `option` for a value that is not a part.
 */
export const readTablePart = async (
  part: TablePart,
  { columns, categories = [] }: PartOptions = {},
): Promise<Frame> => {
  assertPart(part);
  const source = await openSource(AT, part.file, part.size);
  try {
    const text = isPacked(pathOf(part.file)) ? await unpackedSource(source, part.to) : source;
    return await PART_READERS[part.kind].read(AT, text, part, { columns, categories });
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
    // A part cannot have more rows than its range, which counts bytes or rows.
    rows <= to - from &&
    partKinds.includes(kind) &&
    (kind !== 'csv' || (reading !== undefined && 'separator' in reading && 'decimal' in reading)) &&
    (kind !== 'jsonl' || reading !== undefined) &&
    (reading === undefined || reading.names.length === reading.keeps.length);
  if (isPart) return;
  throw new FlowError('option', AT, 'Not a part of a table', {
    expected: 'a part that tableParts has found',
    got: JSON.stringify({ file, size, kind, from, to, rows }),
    hint: 'Find the parts again.',
  });
};
