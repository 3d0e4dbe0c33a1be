import type { Frame } from '../frame/frame.ts';
import { NPY_HEADER_BYTES, npyHeader, npyValues } from '../read/npy.ts';
import { defaultName } from '../read/raw.ts';
import type { ByteSource } from './byte-source.ts';
import type { FileParts } from './file-parts.ts';
import { partColumns } from './part-columns.ts';
import { rowRanges } from './row-ranges.ts';
import type { TablePart } from './table-part.ts';

const headerOf = async (source: ByteSource): Promise<ReturnType<typeof npyHeader>> =>
  npyHeader(source.file, await source.read(0, Math.min(source.size, NPY_HEADER_BYTES)), source.size);

const namesOf = (width: number): readonly string[] => Array.from({ length: width }, (_, j) => defaultName(j));

/** Divides a NumPy array into parts, which are ranges of rows. */
export const npyParts = async (source: ByteSource, partRows: number | undefined): Promise<FileParts> => {
  const { file } = source;
  const { rows, width } = await headerOf(source);
  return {
    columns: namesOf(width),
    parts: rowRanges(file, [rows], width, partRows).map(({ from, to }) => ({
      file,
      kind: 'npy',
      from,
      to,
      rows: to - from,
    })),
    remarks: [],
  };
};

/**
 * Reads one part of a NumPy array, which is a range of rows. If the array is stored column by column, each column is
 * read separately.
 */
export const readNpyPart = async (
  at: string,
  source: ByteSource,
  { from, to }: TablePart,
  wanted: readonly string[] | undefined,
): Promise<Frame> => {
  const { file } = source;
  const { start, rows, width, cell, fortran } = await headerOf(source);
  const names = namesOf(width);
  const chosen = partColumns(at, file, names, wanted);
  const count = to - from;
  const stride = width * cell.size;
  const byRows = fortran ? undefined : await source.read(start + from * stride, start + to * stride);
  const columns = [];
  for (const j of chosen) {
    const first = start + (j * rows + from) * cell.size;
    const numbers =
      byRows === undefined
        ? npyValues(await source.read(first, first + count * cell.size), 0, count, cell.size, cell)
        : npyValues(byRows, j * cell.size, count, stride, cell);
    columns.push({ name: names[j]!, numbers });
  }
  return { columns, rows: count, source: file, place: (row) => `row ${from + row + 1}` };
};
