import { FlowError } from '@impflow/core';
import { extensionOf } from '../frame/extension.ts';
import { listed, shown } from '../frame/printable.ts';
import { formatOf, partExtensions, type PartKind } from '../read/formats.ts';
import type { FileParts } from './file-parts.ts';
import { openSource } from './open-source.ts';
import { PART_READERS } from './part-readers.ts';
import type { PartsOptions } from './parts-options.ts';
import { tableFiles } from './table-files.ts';
import type { TablePart, TableParts } from './table-part.ts';

const AT = 'tables/tableParts';

/**
 * Finds the parts of a table of any size. {@link readTablePart} reads a part. `source` is a file of a format with parts
 * (see `partExtensions`), its `http:` or `https:` URL, a folder of such files, a pattern such as `data/day-*.csv`, or
 * several of these. Files of a folder or a pattern are in the order of their names. Hidden files and subfolders are
 * ignored. All files must have the same columns.
 *
 * @remarks The same files and options give the same parts. Needs the memory of one part. Reads only the metadata of
 * Parquet and NumPy files; row groups of Parquet are joined or divided into parts of at most `partRows` rows. A CSV is
 * read once, also from a URL. This pass finds open quotes, the decimal sign, and the columns with texts. It takes about
 * six seconds per GB, or 25 seconds per GB if each line has quotes. The server of a URL must support requests for
 * ranges of bytes.
 * @throws `input` for a file that cannot be read, does not match its extension, has no rows, or has other columns than
 * the first; `option` for wrong sizes of parts, and if separator and decimal sign are both commas.
 */
export const tableParts = async (
  source: string | readonly string[],
  options: PartsOptions = {},
): Promise<TableParts> => {
  for (const name of ['partBytes', 'partRows'] as const) {
    const value = options[name];
    if (value !== undefined && !(Number.isSafeInteger(value) && value >= 1))
      throw new FlowError('option', AT, `Wrong ${name}`, { expected: 'a whole number from 1 on', got: String(value) });
  }
  const files = await tableFiles(AT, source);
  let columns: readonly string[] | undefined;
  let bytes = 0;
  const parts: TablePart[] = [];
  const remarks: string[] = [];
  for (const file of files) {
    const found = await partsOf(file, options);
    columns ??= found.columns;
    assertSameColumns(files[0]!, columns, file, found.columns);
    bytes += found.size;
    for (const part of found.parts) if (part.rows > 0) parts.push(part);
    // A remark on a later file is left out if the first file has the same remark.
    const [first] = files;
    const said = (remark: string): string => remark.replaceAll(file, first!);
    remarks.push(...found.remarks.filter((remark) => !remarks.includes(said(remark))));
  }
  const rows = parts.reduce((sum, part) => sum + part.rows, 0);
  if (rows === 0)
    throw new FlowError('input', AT, `No rows in ${files.length === 1 ? files[0] : `any of ${files.length} files`}`, {
      expected: 'at least 1',
      got: `the columns ${listed(columns!)} and no row`,
      hint: 'Check the export.',
    });
  return { parts, columns: columns!, bytes, rows, remarks, files };
};

const partsOf = async (file: string, options: PartsOptions): Promise<FileParts & { readonly size: number }> => {
  const { find } = PART_READERS[kindOf(file)];
  const source = await openSource(AT, file);
  try {
    return { ...(await find(source, options)), size: source.size };
  } finally {
    await source.close();
  }
};

const kindOf = (file: string): PartKind => {
  const extension = extensionOf(file.replace(/^(https?:[^?#]*).*$/i, '$1'));
  const format = formatOf(extension);
  if (format?.parts !== undefined) return format.parts;
  const what = format === undefined ? 'Unknown kind of file' : 'No parts in this kind of file:';
  throw new FlowError('input', AT, `${what} ${file}`, {
    expected: `one of ${partExtensions.join(', ')}`,
    got: extension === '' ? 'no extension' : `"${extension}"`,
    hint: 'Convert the table to one of these.',
  });
};

const assertSameColumns = (
  first: string,
  expected: readonly string[],
  file: string,
  columns: readonly string[],
): void => {
  const twice = columns.find((name, j) => columns.indexOf(name) !== j);
  if (twice !== undefined)
    throw new FlowError('input', AT, `Two columns of ${file} have one name`, {
      expected: 'different names',
      got: `"${shown(twice)}" twice`,
      hint: 'Rename one.',
    });
  const [missing, other] = [
    expected.filter((name) => !columns.includes(name)),
    columns.filter((name) => !expected.includes(name)),
  ];
  if (missing.length + other.length === 0) return;
  throw new FlowError('input', AT, `The columns of ${file} differ from the columns of the first file`, {
    expected: `the columns of ${first}, ${listed(expected)}`,
    got: [
      ...(missing.length > 0 ? [`none named ${listed(missing)}`] : []),
      ...(other.length > 0 ? [`also ${listed(other)}`] : []),
    ].join(', '),
    hint: 'Choose files of one table.',
  });
};
