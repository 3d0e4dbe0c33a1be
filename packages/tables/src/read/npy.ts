import type { FlowError } from '@impflow/core';
import { defaultName, malformed, type RawTable } from './raw.ts';

/**
 * Reads a one- or two-dimensional NumPy array of real numbers or booleans, in either byte order and either storage
 * order. A one-dimensional array gives one column. Columns are named `x0, x1, …`. The reader does not execute code from
 * the file, and refuses pickled objects.
 *
 * @throws `input` for a file that is incomplete, or whose array has a different shape or type of elements.
 * @see NumPy, numpy.lib.format, the NPY format, versions 1.0 to 3.0.
 */
export const readNpy = (path: string, bytes: Buffer): RawTable => {
  const { start, rows, width, cell, fortran } = npyHeader(path, bytes, bytes.length);
  const column = (j: number): Float64Array =>
    fortran
      ? npyValues(bytes, start + cell.size * j * rows, rows, cell.size, cell)
      : npyValues(bytes, start + cell.size * j, rows, cell.size * width, cell);
  return {
    rows,
    columns: Array.from({ length: width }, (_, j) => ({ name: defaultName(j), values: column(j) })),
    place: (row) => `row ${row + 1}`,
  };
};

/** Contents of the header of a NumPy file. */
interface NpyHeader {
  /** Byte offset of the first element in the file. */
  readonly start: number;
  readonly rows: number;
  /** Number of columns. */
  readonly width: number;
  readonly cell: NpyCell;
  /** Whether the array is stored column by column instead of row by row. */
  readonly fortran: boolean;
}

/** Size and reader of an element of a NumPy array. */
interface NpyCell {
  /** Size of an element in bytes. */
  readonly size: number;
  read(view: DataView, offset: number): number;
}

/**
 * Largest number of bytes of the header of a NumPy file. A valid header is short: it contains only a type and two
 * numbers.
 */
export const NPY_HEADER_BYTES: number = 2 ** 16;

/**
 * Parses the header of a NumPy file of `size` bytes from the first bytes of the file.
 *
 * @throws the errors of {@link readNpy}.
 */
export const npyHeader = (path: string, bytes: Buffer, size: number): NpyHeader => {
  if (bytes.length < 10 || bytes.toString('latin1', 0, 6) !== '\x93NUMPY') {
    throw malformed(path, 'No NumPy array', 'a file of numpy.save', 'other data', 'Save the array with numpy.save.');
  }
  const wide = bytes[6]! > 1;
  const begin = wide ? 12 : 10;
  const start = begin + (wide && bytes.length >= 12 ? bytes.readUInt32LE(8) : bytes.readUInt16LE(8));
  if (start > size) throw truncated(path, start, size);
  const header = bytes.toString('utf8', begin, start);
  const descr = /'descr'\s*:\s*'([^']*)'/.exec(header)?.[1];
  const shape = /'shape'\s*:\s*\(([\d\s,]*)\)/
    .exec(header)?.[1]
    ?.split(',')
    .map((n) => n.trim())
    .filter((n) => n !== '')
    .map(Number);
  const cell = descr === undefined ? undefined : cellOf(descr);
  if (cell === undefined) {
    throw malformed(
      path,
      'Elements that are not real numbers',
      'real numbers or booleans',
      `dtype ${descr ?? 'with fields'}`,
      'Save array.astype("float32").',
    );
  }
  if (shape === undefined || shape.length < 1 || shape.length > 2) {
    throw malformed(
      path,
      'An array of the wrong shape',
      '[rows] or [rows, columns]',
      `[${shape?.join(', ') ?? 'unknown'}]`,
      'Reshape it to one row for each sample.',
    );
  }
  const [rows, width] = [shape[0]!, shape[1] ?? 1];
  // If a header declares zero rows, its number of columns is not limited by the size of the file, because columns
  // without rows have no bytes.
  if (rows === 0) throw malformed(path, 'No rows', 'at least 1', `[${shape.join(', ')}]`, 'Check the export.');
  const needed = start + rows * width * cell.size;
  if (!(needed <= size)) throw truncated(path, needed, size);
  return { start, rows, width, cell, fortran: /'fortran_order'\s*:\s*True/.test(header) };
};

/**
 * Reads `count` elements of a NumPy array. The first element is at the byte `offset`. The distance between two elements
 * is `stride` bytes.
 */
export const npyValues = (
  bytes: Buffer,
  offset: number,
  count: number,
  stride: number,
  { read }: NpyCell,
): Float64Array => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values = new Float64Array(count);
  for (let i = 0; i < count; i++) values[i] = read(view, offset + i * stride);
  return values;
};

const cellOf = (descr: string): NpyCell | undefined => {
  const [order, kind] = [descr[0], descr.slice(1)];
  const little = order !== '>';
  if (order === undefined || !'<>|='.includes(order)) return undefined;
  switch (kind) {
    case 'b1':
      return { size: 1, read: (view, at) => Number(view.getUint8(at) !== 0) };
    case 'u1':
      return { size: 1, read: (view, at) => view.getUint8(at) };
    case 'i1':
      return { size: 1, read: (view, at) => view.getInt8(at) };
    case 'u2':
      return { size: 2, read: (view, at) => view.getUint16(at, little) };
    case 'i2':
      return { size: 2, read: (view, at) => view.getInt16(at, little) };
    case 'u4':
      return { size: 4, read: (view, at) => view.getUint32(at, little) };
    case 'i4':
      return { size: 4, read: (view, at) => view.getInt32(at, little) };
    case 'u8':
      return { size: 8, read: (view, at) => Number(view.getBigUint64(at, little)) };
    case 'i8':
      return { size: 8, read: (view, at) => Number(view.getBigInt64(at, little)) };
    case 'f4':
      return { size: 4, read: (view, at) => view.getFloat32(at, little) };
    case 'f8':
      return { size: 8, read: (view, at) => view.getFloat64(at, little) };
    default:
      return undefined;
  }
};

const truncated = (path: string, expected: number, got: number): FlowError =>
  malformed(
    path,
    'A truncated array',
    `${expected} bytes, as in its header`,
    String(got),
    'Copy or save the file again.',
  );
